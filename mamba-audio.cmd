@echo off
rem Starts Mamba Audio from a checkout on Windows: finds a JDK 25, builds once, runs the command line.
rem Unlike the launcher for Linux and macOS it does not see changed sources: delete demo\target\app to build again.
setlocal
set "ROOT=%~dp0"
set "APP=%ROOT%demo\target\app"
set "LOG=%ROOT%demo\target\build.log"
set "JDK="

if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%J in ('where javac 2^>nul') do call :try "%%~dpJ.."
if not defined JDK for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*" "%ProgramFiles%\Zulu\zulu-*" "%USERPROFILE%\.jdks\*") do call :try "%%~D"
if not defined JDK (
  echo mamba-audio: needs a JDK 25 or newer, found none; get one from https://adoptium.net, then set JAVA_HOME or put it on the PATH 1>&2
  exit /b 2
)

if exist "%APP%\stamp" goto start
if not exist "%ROOT%demo\target" mkdir "%ROOT%demo\target"
echo mamba-audio: building what is missing, once; the log is %LOG% 1>&2
set "JAVA_HOME=%JDK%"
pushd "%ROOT%"
call mvnw.cmd -B -ntp -Dquick -Dmaven.test.skip=true -pl demo -am package > "%LOG%" 2>&1
set "STATUS=%ERRORLEVEL%"
popd
if not "%STATUS%"=="0" (
  echo mamba-audio: the build failed; see %LOG% 1>&2
  exit /b 1
)
type nul > "%APP%\stamp"

:start
"%JDK%\bin\java" -XX:+UseSerialGC -Xms64m -XX:MaxRAMPercentage=50 -XX:-UsePerfData "-Dmamba.audio.home=%APP%" --module-path "%APP%\lib" -m io.mambaaudio.demo/io.mambaaudio.demo.Main %*
exit /b %ERRORLEVEL%

:try
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /r /c:"^JAVA_VERSION=\"2[5-9]" /c:"^JAVA_VERSION=\"[3-9][0-9]" "%~1\release" >nul 2>&1 && set "JDK=%~f1"
exit /b 0
