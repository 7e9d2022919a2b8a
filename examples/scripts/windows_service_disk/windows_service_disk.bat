@echo off
rem State of a Windows service, and free space of a drive.
rem Usage: windows_service_disk.bat [SERVICE] [DRIVE] [MIN_FREE_GB]
rem Exit:  0 running and enough space, 1 finding, 2 wrong use
setlocal EnableExtensions DisableDelayedExpansion

set "SERVICE=%~1"
set "DRIVE=%~2"
set "MIN_FREE_GB=%~3"
if not defined SERVICE set "SERVICE=W32Time"
if not defined DRIVE set "DRIVE=C"
if not defined MIN_FREE_GB set "MIN_FREE_GB=10"

rem PowerShell reads the values from the environment, so that no character of them is ever code.
set "PS=powershell.exe -NoLogo -NoProfile -NonInteractive -Command"

%PS% "if ($env:SERVICE -notmatch '^[\w.\-]+$' -or $env:DRIVE -notmatch '^[A-Za-z]$' -or $env:MIN_FREE_GB -notmatch '^\d{1,6}$') { exit 2 }"
if errorlevel 1 (
  echo error: SERVICE is a service name, DRIVE one letter, MIN_FREE_GB a whole number 1>&2
  exit /b 2
)

set "FINDINGS=0"

%PS% "$s = Get-Service -Name $env:SERVICE -ErrorAction SilentlyContinue; if (-not $s) { 'MISSING: there is no service ' + $env:SERVICE; exit 1 }; 'Service ' + $s.Name + ' (' + $s.DisplayName + '): ' + $s.Status; if ($s.Status -ne 'Running') { exit 1 }"
if errorlevel 1 set "FINDINGS=1"

%PS% "$d = Get-PSDrive -Name $env:DRIVE -PSProvider FileSystem -ErrorAction SilentlyContinue; if (-not $d) { 'MISSING: there is no drive ' + $env:DRIVE; exit 1 }; $free = [math]::Floor($d.Free / 1GB); 'Drive ' + $env:DRIVE + ': ' + $free + ' GiB free'; if ($free -lt [int]$env:MIN_FREE_GB) { exit 1 }"
if errorlevel 1 set "FINDINGS=1"

if "%FINDINGS%"=="0" (echo OK: nothing to do) else (echo FINDING: see above)
exit /b %FINDINGS%
