/**
The supervisor of one change, as a bash program: what keeps a run alive, bounded and accounted for when the console is not there.

It is a program text of our own; nothing from outside is ever put into it. What differs from run to run comes as arguments (paths and
numbers) and as files in the run's directory. Its invariants:
- the lock is held from before the script starts until after it ended, by this process alone: no child inherits it;
- the script starts only after `prepared` was renamed to `started`, so whoever renames it first decides whether there is a run;
- output never blocks or kills the writer: a reader of its own takes everything and keeps the head and the newest segments;
- the outcome appears whole (renamed into place) into space that was reserved beforehand, so that a full file system cannot eat it.

Needs bash ≥ 4.4, util-linux (`flock`, `setsid`) and coreutils or busybox. No Node, no python: it must fit into a host that is out of memory.
*/

/** Exit codes of the supervisor before the script started; after that it always ends with 0. */
export const supervisorExit = {busy: 75, aborted: 76, lockDenied: 77, toolMissing: 78} as const;

/** The environment variable by which a process of the run is known even after it went into a session of its own. */
export const runMark = 'MDC_CONSOLE_RUN';

/** Bytes of output that are kept from the beginning, and the size and number of the segments kept from the end. */
export const outputCap = {headBytes: 1_048_576, segmentBytes: 524_288, segments: 3} as const;

/**
Arguments: run directory, lock file, working directory, run id, hard limit (s), grace between TERM and KILL (s); then the lock file of the whole
project, which is taken shared (empty when this lock is that one), and how the lock files within the project begin (empty unless it is).
*/
export const supervisorText = String.raw`# Supervises one run of mdc-console: holds the lock, caps the output, records the outcome.
mdc_main() {
set -u
umask 007
export LC_ALL=C
mdc_run=$1 mdc_lock=$2 mdc_directory=$3 mdc_id=$4 mdc_limit=$5 mdc_grace=$6 mdc_whole=$7 mdc_siblings=$8
mdc_own=$mdc_run/own

for mdc_tool in flock setsid mkfifo mv rm; do
	command -v "$mdc_tool" > /dev/null || { printf '%s\n' "$mdc_tool" > "$mdc_own/missing"; exit ${supervisorExit.toolMissing}; }
done

# Nothing that the console had open may be held, by us or by the script (255 is this program).
for mdc_fd in /proc/self/fd/*; do
	mdc_fd=\${mdc_fd##*/}
	(( mdc_fd > 2 && mdc_fd != 255 )) && exec {mdc_fd}>&-
done

mdc_boot=$(< /proc/sys/kernel/random/boot_id)

# Sets mdc_fields to /proc/<pid>/stat from the state on: [0] state, [3] session, [19] start time in ticks.
mdc_stat() {
	local line=''
	mdc_fields=()
	{ IFS= read -r -d '' line < "/proc/$1/stat"; } 2> /dev/null
	[[ $line == *') '* ]] || return 1
	line=\${line##*) }
	mdc_fields=($line)
}
mdc_now() {
	if [[ -n \${EPOCHREALTIME:-} ]]; then
		mdc_time=\${EPOCHREALTIME/[.,]/}
		mdc_time=\${mdc_time%???}
	else
		mdc_time=$(date +%s%3N)
	fi
}
mdc_uptime() {
	local whole
	IFS=' ' read -r whole _ < /proc/uptime
	mdc_seconds=\${whole%.*}
}

# The lock. A lock file that was replaced under our hands is not the lock. One whose last holder vanished may still have its script running.
{ exec 9<> "$mdc_lock"; } 2> /dev/null || exit ${supervisorExit.lockDenied}
flock -n 9 || exit ${supervisorExit.busy}
[[ /proc/self/fd/9 -ef $mdc_lock ]] || exit ${supervisorExit.busy}
# Does the script that a lock file names still live?
mdc_held() {
	local line='' pid='' start='' boot=''
	{ IFS= read -r line; IFS= read -r line; } 2> /dev/null < "$1"
	read -r pid start boot <<< "$line"
	[[ -n $boot && $boot == "$mdc_boot" ]] && mdc_stat "$pid" && [[ \${mdc_fields[19]} == "$start" && \${mdc_fields[0]} != [ZX] ]]
}
mdc_held "$mdc_lock" && exit ${supervisorExit.busy}
# One change in a project shares the project's lock; a change of the whole project has it alone.
if [[ -n $mdc_whole ]]; then
	{ exec 6<> "$mdc_whole"; } 2> /dev/null || exit ${supervisorExit.lockDenied}
	flock -s -n 6 || exit ${supervisorExit.busy}
	[[ /proc/self/fd/6 -ef $mdc_whole ]] || exit ${supervisorExit.busy}
	mdc_held "$mdc_whole" && exit ${supervisorExit.busy}
elif [[ -n $mdc_siblings ]]; then
	for mdc_sibling in "\${mdc_lock%/*}/$mdc_siblings"*; do
		[[ $mdc_sibling -ef $mdc_lock ]] || { mdc_held "$mdc_sibling" && exit ${supervisorExit.busy}; }
	done
fi
mdc_holder=$(< "$mdc_own/holder")
mdc_stat $$
mdc_self="$$ \${mdc_fields[19]} $mdc_boot"
printf '%s\n\n%s\n' "$mdc_self" "$mdc_holder" > "$mdc_lock"

# The way in for a cancel, also from a colleague of the same group.
mkfifo -m 660 "$mdc_run/control" && exec 8<> "$mdc_run/control"
mdc_now
mdc_started=$mdc_time
printf '%s\n%s\nend\n' "$mdc_self" "$mdc_started" > "$mdc_run/prepared"
mv -f "$mdc_run/prepared" "$mdc_run/started" 2> /dev/null || { : > "$mdc_lock"; exit ${supervisorExit.aborted}; }

# Takes everything from standard input; keeps out.0 (the head) and the newest segments, each named by the offset at which it begins.
mdc_pump() {
	local at=0 size=${outputCap.headBytes} file got
	local -a kept=() reader
	cd "$mdc_own" || exec cat > /dev/null
	while :; do
		file=out.$at
		if command -v stdbuf > /dev/null; then
			reader=(stdbuf -o0 head -c "$size")
		else
			reader=(dd bs=65536 count=16)
		fi
		"\${reader[@]}" > "$file" 2> /dev/null || break
		got=$(stat -c %s "$file" 2> /dev/null) || break
		if (( got == 0 )); then
			rm -f "$file"
			printf 'drained\n' >&8
			return
		fi
		(( at > 0 )) && kept+=("$file")
		(( at += got ))
		size=${outputCap.segmentBytes}
		if (( \${#kept[@]} > ${outputCap.segments} )); then
			rm -f "\${kept[0]}"
			kept=("\${kept[@]:1}")
		fi
	done
	# No space, or the files were discarded while something of the run lives on: it must still be able to write.
	exec cat > /dev/null
}

# A supervisor that is killed for memory would leave the run without an account; the script keeps the ordinary weight.
mdc_weight=$(< /proc/self/oom_score_adj)
{ (( mdc_weight > -500 )) && printf '%s' -500 > /proc/$$/oom_score_adj; } 2> /dev/null
trap ':' HUP INT QUIT PIPE USR1 USR2
trap 'printf "cancel signal\n" >&8' TERM

exec 7> >(exec 6>&- 9>&-; mdc_pump)
mdc_pump_pid=$!
(
	trap - HUP INT QUIT PIPE USR1 USR2 TERM
	exec < /dev/null >&7 2>&1 6>&- 7>&- 8>&- 9>&-
	{ printf '%s' "$mdc_weight" > "/proc/$BASHPID/oom_score_adj"; } 2> /dev/null
	unset LC_ALL XDG_RUNTIME_DIR
	cd -- "$mdc_directory" || exit 1
	umask 022
	while IFS= read -r -d '' mdc_entry; do export "$mdc_entry"; done < "$mdc_own/environment"
	export ${runMark}="$mdc_id" MDC_CONSOLE_STOP="$mdc_own/stop"
	exec setsid bash -c 'mdc_script=$(<"$1"); shift; eval "unset mdc_script; $mdc_script"' bash "$mdc_own/script"
) &
mdc_main_pid=$!
exec 7>&-
mdc_main_start=
if mdc_stat "$mdc_main_pid"; then
	mdc_main_start=\${mdc_fields[19]}
	printf '%s\n%s\n%s\n' "$mdc_self" "$mdc_main_pid $mdc_main_start $mdc_boot" "$mdc_holder" > "$mdc_lock"
fi

# Sets mdc_found to the living processes of the run: those of the script's session, and those that left it but carry its mark.
mdc_find() {
	local entry pid candidates=()
	mdc_found=()
	for entry in /proc/[0-9]*; do
		pid=\${entry#/proc/}
		mdc_stat "$pid" || continue
		[[ \${mdc_fields[0]} == [ZX] ]] && continue
		if (( mdc_fields[3] == mdc_main_pid )); then
			mdc_found+=("$pid")
		elif [[ -n $mdc_main_start ]] && (( mdc_fields[19] >= mdc_main_start )); then
			candidates+=("$entry/environ")
		fi
	done
	(( \${#candidates[@]} )) || return 0
	# Reading an environment can hang on a process that hangs in the kernel: only young ones are asked, and not for long.
	while IFS= read -r entry; do
		entry=\${entry#/proc/}
		mdc_found+=("\${entry%/environ}")
	done < <(timeout -k 1 2 grep -lszxF -e "${runMark}=$mdc_id" "\${candidates[@]}" 2> /dev/null)
}
mdc_script_lives() {
	mdc_stat "$mdc_main_pid" && [[ \${mdc_fields[0]} != [ZX] ]] && { [[ -z $mdc_main_start ]] || (( mdc_fields[19] == mdc_main_start )); }
}
mdc_signal() {
	kill "-$1" -- "-$mdc_main_pid" 2> /dev/null
	local pid
	for pid in "\${mdc_found[@]}"; do
		kill "-$1" "$pid" 2> /dev/null
	done
}

mdc_cancelled=0 mdc_timed_out=0 mdc_killed=0 mdc_kill_at=0 mdc_hasty=0
mdc_uptime
mdc_limit_at=$(( mdc_seconds + mdc_limit ))
mdc_word= mdc_half=
while :; do
	mdc_uptime
	if (( mdc_kill_at == 0 )); then
		mdc_script_lives || break
		[[ $mdc_word == cancel* ]] && mdc_cancelled=1
		# The script looks for this file between two steps.
		[[ $mdc_word == stop* ]] && : > "$mdc_own/stop"
		(( mdc_seconds >= mdc_limit_at && ! mdc_cancelled )) && mdc_timed_out=1
		if (( mdc_cancelled || mdc_timed_out )); then
			# Whole seconds: one more, or a second's grace could be over at once.
			mdc_kill_at=$(( mdc_seconds + mdc_grace + 1 ))
			mdc_find
			mdc_signal TERM
			mdc_signal CONT
		fi
	else
		mdc_find
		(( \${#mdc_found[@]} )) || break
		(( mdc_killed && mdc_seconds > mdc_kill_at + 2 )) && break
		if (( mdc_seconds >= mdc_kill_at )); then
			mdc_killed=1
			mdc_signal KILL
		fi
	fi
	# The end of the output usually comes a moment before the end of the script: then look again soon.
	mdc_pause=0.25
	(( mdc_kill_at )) && mdc_pause=0.2
	[[ $mdc_word == drained ]] && mdc_hasty=20
	(( mdc_hasty > 0 && mdc_hasty-- )) && mdc_pause=0.02
	mdc_word=
	if IFS= read -r -t "$mdc_pause" mdc_word <&8; then
		mdc_word=$mdc_half$mdc_word mdc_half=
	else
		# The time ran out, perhaps in the middle of a word: its rest comes next, and a cancel must not be lost.
		mdc_half+=$mdc_word mdc_word=
	fi
done

# Bash says only 128 + n; its job table knows whether that was an exit or a signal.
mdc_job=$(jobs 2> /dev/null)
wait "$mdc_main_pid" 2> /dev/null
mdc_code=$?
mdc_signal_name=
if (( mdc_code > 128 )) && [[ $mdc_job != *Exit* ]]; then
	mdc_signal_name=$(kill -l "$mdc_code" 2> /dev/null)
	mdc_code=
fi
mdc_now
mdc_ended=$mdc_time

# What was written is still on its way through the pipe; something left running may hold it open for ever.
mdc_found=()
for mdc_round in {1..20}; do
	kill -0 "$mdc_pump_pid" 2> /dev/null || break
	IFS= read -r -t 0.1 mdc_word <&8
	if (( mdc_round == 4 )); then
		mdc_find
		(( \${#mdc_found[@]} )) && break
	fi
done
mdc_find

# The lock goes first: who sees the outcome may start the next run at once.
: > "$mdc_lock"
exec 6>&- 9>&-
{
	printf 'exit=%s\nsignal=%s\ncancelled=%s\ntimedOut=%s\nstartedAtMs=%s\nendedAtMs=%s\n' \
		"$mdc_code" "$mdc_signal_name" "$mdc_cancelled" "$mdc_timed_out" "$mdc_started" "$mdc_ended"
	for mdc_pid in "\${mdc_found[@]:0:40}"; do
		mdc_name=
		{ IFS= read -r mdc_name < "/proc/$mdc_pid/comm"; } 2> /dev/null
		[[ -n $mdc_name ]] && printf 'left=%s (%s)\n' "$mdc_name" "$mdc_pid"
	done
	printf 'end\n'
} 1<> "$mdc_run/reserved"
mv -f "$mdc_run/reserved" "$mdc_run/outcome"
rm -f "$mdc_run/control" "$mdc_own/environment"
exit 0
}
mdc_main "$@"
exit
`.replaceAll('\\${', '${');
