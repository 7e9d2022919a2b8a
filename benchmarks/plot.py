"""A plot of cost against size, as SVG that needs nothing else."""

from __future__ import annotations

from html import escape

WIDTH, HEIGHT, LEFT, TOP = 760, 440, 70, 30
RIGHT, BOTTOM = 230, 50
FONT = 'font-family="sans-serif" font-size="12"'
COLOURS = ("#0b6e99", "#c44536", "#5a7d2a", "#8a4fa3", "#b07d12", "#31708e", "#7a3b2e", "#3f6212")


def plot(series: dict[str, list[tuple[int, float]]]) -> str:
    """Lines of (scripts, seconds), both axes linear, so that linear cost is a straight line."""
    drawn = {name: points for name, points in series.items() if len(points) > 1}
    most_x = max((x for points in drawn.values() for x, _ in points), default=1)
    most_y = max((y for points in drawn.values() for _, y in points), default=1.0)

    def place(x: float, y: float) -> str:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x / most_x
        down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / most_y
        return f"{across:.1f},{down:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18" font-size="14">Seconds of a whole run against the number of scripts</text>',
    ]
    for step in range(6):
        x0, y0 = place(0, most_y * step / 5).split(",")
        x1, _ = place(most_x, 0).split(",")
        parts.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y0}" stroke="#ddd"/>')
        parts.append(f'<text x="{float(x0) - 8}" y="{float(y0) + 4}" text-anchor="end">{most_y * step / 5:.1f}</text>')
        x, y = place(most_x * step / 5, 0).split(",")
        parts.append(f'<text x="{x}" y="{float(y) + 20}" text-anchor="middle">{most_x * step // 5}</text>')
    for number, (name, points) in enumerate(drawn.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(place(x, y) for x, y in sorted(points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3" fill="{colour}"/>' for p in line.split()
        ]
        at = TOP + 18 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 14}" y="{at}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 32}" y="{at + 11}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
