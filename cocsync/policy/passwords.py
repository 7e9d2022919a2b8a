"""Passwords that a script gives a program on its command line, in its environment or on its standard input. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from cocsync.model.script import ScriptType
from cocsync.policy.commands import Command, Word
from cocsync.policy.reading import Reading
from cocsync.policy.wrappers import SUDO_ASKS

VARIABLE = re.compile(
    r"\b(?:PGPASSWORD|MYSQL_PWD|SSHPASS|REDISCLI_AUTH|RSYNC_PASSWORD|VAULT_TOKEN|LDAP_PASSWORD|MYSQL_ROOT_PASSWORD"
    r"|POSTGRES_PASSWORD|RABBITMQ_DEFAULT_PASS|MINIO_ROOT_PASSWORD)"
    r"=[\"']?(?P<value>[^\s\"'$%<>{}()`;|&\\]{4,200})"
)
"""Variables of which only a password can be the value."""

IN_VARIABLES = ("PASS", "_PWD", "_AUTH", "_TOKEN")
"""One of these is in each of their names."""
_LENGTH_MIN = 4
_PLACEHOLDER = re.compile(
    r"(?:your|my|the|some|new|old|db|mysql|root|admin|user)?[_-]?(?:passw(?:or)?d|pass|passphrase|pwd|pw|secret|token|key)s?"
    r"|user(?:name)?|none|null|true|false|prompt|ask|stdin|env|file|required|default|string|value"
    r"|[A-Z]+(?:_[A-Z]+)*_?(?:PASS|PASSWORD|PASSWD|PWD|SECRET|TOKEN|KEY)|.*(?:example|change.?me|placeholder|redacted).*"
    r"|.*(?:[x*]{4}|\.{3}).*|(.)\1*|[<{\[%!@].*|%?[sd]",
    re.IGNORECASE,
)
_LONG_OPTION = re.compile(r"--?(?:[a-z]+-)*(?:password|passwd|passphrase|pass|pw)", re.IGNORECASE)
_LONG_OPTION_FOR_KEY = re.compile(r"--(?:[a-z]+-)*(?:token|secret|secret-key|api-key|apikey|access-key)", re.IGNORECASE)
_MEANS_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{8,}")
_ACCOUNT = re.compile(r"[^/\s@.-][^/\s@.]*/([^@\s/]+)(?:@\S*)?")
_WINDOWS_OPTION = re.compile(r"/(?:rp|p|pass|password|pw):?(.*)", re.IGNORECASE)
_Found = Iterable[Word]


def given(reading: Reading) -> Iterator[Word]:
    """The words of the content that are passwords by their place, as they stand there."""
    if not may_give(reading):
        return
    for command in reading.commands:
        for word in (*_options(command), *_of_program(command), *_on_input(command)):
            if word.is_literal and is_meant(word.text):
                yield word


def is_meant(text: str) -> bool:
    """Whether the text is meant as it stands, and is none that only says where a password belongs."""
    if len(text) < _LENGTH_MIN or re.search(r"%\w+%|!\w+!", text):
        return False
    return _PLACEHOLDER.fullmatch(text) is None


def may_give(reading: Reading) -> bool:
    """Quickly, whether a script has both a program's name and what gives it a password.

    May say so where nothing is given, and never the other way.
    """
    if reading.is_coded or ("-" in reading.bare and _LONG_GATE.search(reading.bare)):
        return True
    if _NAMES.isdisjoint(reading.words):
        return False
    if reading.script.type != ScriptType.SHELL:
        return True
    return any(not reading.words.isdisjoint(names) and trigger.search(reading.bare) for names, trigger in _TRIGGERS)


def _of_program(command: Command) -> _Found:
    judge = _PROGRAMS.get(command.name)
    return judge(command) if judge else ()


def _options(command: Command) -> _Found:
    """`--password=x` and `--password x` of whatever program."""
    words = command.arguments
    for at, word in enumerate(words):
        option, equals, _ = word.text.partition("=")
        value = _behind(word, len(option) + 1) if equals else next(iter(words[at + 1 : at + 2]), None)
        if value is None or value.text.startswith("-"):
            continue
        if (_LONG_OPTION.fullmatch(option) and (equals or option.startswith("--") or command.windows)) or (
            _LONG_OPTION_FOR_KEY.fullmatch(option) and _MEANS_KEY.fullmatch(value.text)
        ):
            yield value


def _behind(word: Word, length: int) -> Word:
    """The word without its first characters."""
    return replace(word, text=word.text[length:], pattern=word.pattern[length:])


def _after(*options: str) -> Callable[[Command], _Found]:
    """The words behind these options, and what is glued to them where they are one letter."""

    def find(command: Command) -> _Found:
        for at, word in enumerate(command.arguments):
            if word.text in options:
                yield from command.arguments[at + 1 : at + 2]
            for option in options:
                if len(option) == 2 and word.text.startswith(option) and len(word.text) > 2:  # noqa: PLR2004
                    yield _behind(word, 3 if word.text[2] == "=" else 2)

    return find


def _glued(option: str) -> Callable[[Command], _Found]:
    def find(command: Command) -> _Found:
        return (
            _behind(word, len(option))
            for word in command.arguments
            if word.text.startswith(option) and len(word.text) > len(option) and not word.text.startswith("--")
        )

    return find


def _with_user(separator: str, *options: str) -> Callable[[Command], _Found]:
    """`user:password` behind these options; also at the end of a cluster of short ones, and glued to one."""
    letters = "".join(option[1] for option in options if len(option) == 2)  # noqa: PLR2004

    def find(command: Command) -> _Found:
        words = command.arguments
        for at, word in enumerate(words):
            text, value = word.text, None
            if text in options or re.fullmatch(rf"-[A-Za-z]*[{letters}]", text):
                value = next(iter(words[at + 1 : at + 2]), None)
            elif match := re.match(
                rf"(?:{'|'.join(o for o in options if o.startswith('--')) or '--user'})=|-[{letters}]", text
            ):
                value = _behind(word, match.end())
            if value and separator in value.text:
                yield _behind(value, value.text.index(separator) + 1)

    return find


def _openssl(command: Command) -> _Found:
    for at, word in enumerate(command.arguments):
        if word.text.startswith("pass:"):
            yield _behind(word, len("pass:"))
        elif word.text == "-k":
            yield from command.arguments[at + 1 : at + 2]
    if command.texts[:1] == ("passwd",):
        yield from (word for word in command.arguments[1:] if not word.text.startswith("-"))


def _login(command: Command) -> _Found:
    return _after("-p")(command) if "login" in command.texts else ()


def _oracle(command: Command) -> _Found:
    for word in command.arguments:
        if not word.text.startswith("-"):
            if match := _ACCOUNT.fullmatch(word.text):
                yield replace(_behind(word, match.start(1)), text=match[1])
            return


def _rabbitmq(command: Command) -> _Found:
    return command.arguments[2:3] if {"add_user", "change_password"} & set(command.texts[:1]) else ()


def _htpasswd(command: Command) -> _Found:
    batch = any(re.fullmatch(r"-[a-zA-Z]*b[a-zA-Z]*", text) for text in command.texts)
    return command.arguments[-1:] if batch else ()


def _net(command: Command) -> _Found:
    """`net user NAME PASSWORD` and `net use \\\\HOST\\SHARE PASSWORD /user:NAME`."""
    words = tuple(word for word in command.arguments if not word.text.startswith("/"))
    return words[2:3] if words and words[0].text.lower() in ("user", "use") else ()


def _windows_option(command: Command) -> _Found:
    for at, word in enumerate(command.arguments):
        if match := _WINDOWS_OPTION.fullmatch(word.text):
            yield from [_behind(word, match.start(1))] if match[1] else command.arguments[at + 1 : at + 2]


def _secure_string(command: Command) -> _Found:
    plain = any(text.lower().startswith("-asp") for text in command.texts)
    return (word for word in command.arguments if plain and not word.text.startswith("-"))


def _aws(command: Command) -> _Found:
    for at, word in enumerate(command.arguments):
        if word.text.endswith("secret_access_key"):
            yield from command.arguments[at + 1 : at + 2]


def _ftp(command: Command) -> _Found:
    return _with_user(",", "-u", "--user")(command)


def _on_input(command: Command) -> _Found:
    """What `echo` or a here-document gives a program that asks for a password."""
    text = command.given
    if text is None or not (command.name in _ASKING or SUDO_ASKS in command.by):
        return
    at = 0
    for line in text.text.split("\n"):
        start = line.find(":") + 1 if command.name == "chpasswd" else 0
        moved = text.offset if text.inner is None else text.inner + at
        value = line[start:].strip()
        if value:
            pattern = text.pattern[at + start : at + len(line)]
            yield Word(text=value, pattern=pattern, offset=moved)
        at += len(line) + 1


_ASKING = frozenset({"chpasswd", "passwd", "kinit", "smbpasswd", "cryptsetup", "su"})
_MYSQL = ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow", "mycli", "xtrabackup")
_MARIADB = ("mariadb", "mariadb-dump", "mariadb-admin", "mariadb-backup", "mariadb-check", "mariabackup")
_MONGO = ("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport")
_ORACLE = ("sqlplus", "rman", "exp", "imp", "expdp", "impdp", "sqlldr")
_PROGRAMS: dict[str, Callable[[Command], _Found]] = {
    **dict.fromkeys((*_MYSQL, *_MARIADB), _glued("-p")),
    **dict.fromkeys(("7z", "7za", "7zr", "rar", "unrar"), _glued("-p")),
    **dict.fromkeys(_MONGO, _after("-p")),
    **dict.fromkeys(("docker", "podman", "nerdctl", "helm", "oc", "az", "argocd"), _login),
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldappasswd"), _after("-w", "-s")),
    **dict.fromkeys(("smbclient", "rpcclient"), _with_user("%", "-U", "--user")),
    **dict.fromkeys(("zip", "unzip", "ipmitool", "sqlcmd", "osql", "bcp"), _after("-P")),
    **dict.fromkeys(("plink", "pscp", "psftp"), _after("-pw")),
    **dict.fromkeys(("useradd", "usermod", "psexec", "psexec64"), _after("-p")),
    **dict.fromkeys(("schtasks", "cmdkey", "wmic"), _windows_option),
    **dict.fromkeys(_ORACLE, _oracle),
    "sshpass": _after("-p"),
    "curl": _with_user(":", "-u", "-U", "--user", "--proxy-user"),
    "lftp": _ftp,
    "ncftp": _after("-p"),
    "redis-cli": _after("-a"),
    "openssl": _openssl,
    "rabbitmqctl": _rabbitmq,
    "htpasswd": _htpasswd,
    "net": _net,
    "convertto-securestring": _secure_string,
    "aws": _aws,
    "obsutil": _after("-k"),
}
_LONG_GATE = re.compile(r"--?[\w-]*(?:pass|pw|token|secret|key)", re.IGNORECASE)
_TRIGGERS: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = (
    (frozenset({*_MYSQL, *_MARIADB, "7z", "7za", "7zr", "rar", "unrar"}), re.compile(r"-p(?<![\w-]-p)[\w\"'$]")),
    (frozenset({*_MONGO, "sshpass", "ncftp", "psexec", "psexec64", "useradd", "usermod"}), re.compile("-p")),
    (frozenset({"curl"}), re.compile(r"-[A-Za-z]*[uU]\s*[^\s:]*:|--(?:proxy-)?user")),
    (frozenset({"lftp", "smbclient", "rpcclient"}), re.compile(r"-[A-Za-z]*[uU]|--user")),
    (frozenset({"docker", "podman", "nerdctl", "helm", "oc", "az", "argocd"}), re.compile("login")),
    (frozenset({"ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldappasswd"}), re.compile("-[ws]")),
    (frozenset({"zip", "unzip", "ipmitool", "sqlcmd", "osql", "bcp"}), re.compile("-P")),
    (frozenset({"plink", "pscp", "psftp"}), re.compile("-pw")),
    (frozenset(_ORACLE), re.compile("/")),
    (frozenset({"redis-cli"}), re.compile("-a")),
    (frozenset({"openssl"}), re.compile(r"pass|-k")),
    (frozenset({"rabbitmqctl"}), re.compile("add_user|change_password")),
    (frozenset({"htpasswd", "chpasswd", "kinit", "smbpasswd", "cryptsetup"}), re.compile("")),
    (frozenset({"passwd", "su"}), re.compile(r"(?:passwd|su)(?<!etc/passwd)(?<!getent passwd)(?![\w.:/-])")),
    (frozenset({"sudo"}), re.compile(r"sudo(?:\s+-\w+)*\s+-\w*S|--stdin")),
    (frozenset({"aws"}), re.compile("secret_access_key")),
    (frozenset({"obsutil"}), re.compile("-k")),
)
"""Names of programs, and what must be there beside one of them."""
_NAMES = frozenset({*_PROGRAMS, *_ASKING, "sudo"})
