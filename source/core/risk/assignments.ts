/**
Variables that decide which program runs, or what a program runs in turn. Setting one makes every command after it another one.
*/

const exact = new Set(('PATH IFS ENV BASH_ENV PROMPT_COMMAND SHELLOPTS BASHOPTS PS4 CDPATH EDITOR VISUAL BROWSER PERL5OPT PERL5LIB RUBYOPT NODE_OPTIONS PYTHONSTARTUP PYTHONPATH PYTHONHOME JAVA_TOOL_OPTIONS LESSOPEN LESSCLOSE '
	+ 'MANPAGER SUDO_ASKPASS SSH_ASKPASS PSQLRC PGSERVICEFILE DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG COMPOSE_FILE COMPOSE_PROJECT_NAME RIPGREP_CONFIG_PATH CURL_HOME WGETRC TAR_OPTIONS GREP_OPTIONS').split(' '));

/** True when setting `name` to `value` changes what later commands do. A pager that only prints is harmless. */
export const redirectsProgram = (name: string, value: string): boolean => {
	if (name === 'PAGER' || name === 'GIT_PAGER' || name === 'SYSTEMD_PAGER' || name === 'PSQL_PAGER') {
		return !/^(?:cat|less|more|)$/.test(value);
	}

	return exact.has(name) || /^(?:LD_|DYLD_|BASH_FUNC_)/.test(name) || (name.startsWith('GIT_') && !/^GIT_(?:TERMINAL_PROMPT|OPTIONAL_LOCKS|TRACE)$/.test(name));
};
