/**
The programs that this classification knows, by name, with what each does at worst. What is not here is unknown, and the unknown is destructive.
*/

import {composeJudge, dockerJudge, kubectlJudge} from './containers.ts';
import {mysqlJudge, psqlJudge, redisJudge, sqliteJudge} from './databases.ts';
import {gitJudge} from './git.ts';
import {bySubcommand, change, changes, deletes, destructive, each, known, operandsOf, reads, readsBut, spells, type Judge} from './judging.ts';
import {awkJudge, curlJudge, findJudge, sedJudge, wgetJudge} from './texts.ts';
import {wrappers} from './wrappers.ts';

const overwrites = destructive('overwrites');
const takesDown: Judge = () => destructive('takes-down');
const formats: Judge = () => destructive('formats');

/** Reads with at most `count` operands; another one is a file that it writes. */
const writesOperand = (count: number, options: readonly string[] = [], valued: readonly string[] = []): Judge => call =>
	operandsOf(call.args, valued).length > count ? overwrites : readsBut(options, overwrites)(call);

const killJudge: Judge = ({args}) => /^-(?:0|l|L)$/.test(args[0]?.text ?? '') || (/^-s$/.test(args[0]?.text ?? '') && args[1]?.text === '0') ? [] : destructive('kills');

/** Restarting the engine's own unit takes every container down with it. */
const isEngine = (unit: string): boolean => /^(?:docker|containerd|podman|dockerd)(?:\.(?:service|socket))?$/.test(unit);

const systemctl = bySubcommand({
	...each('status show cat list-units list-unit-files list-timers list-sockets list-dependencies list-jobs is-active is-enabled is-failed is-system-running get-default help', reads),
	...each('start reload enable unmask daemon-reload reset-failed', () => change('starts')),
	...each('restart try-restart reload-or-restart', ({args}) => args.some(word => isEngine(word.text) || word.dynamic) ? destructive('takes-down') : change('starts')),
	...each('stop kill disable mask isolate poweroff reboot halt suspend emergency rescue', takesDown),
}, ['--no-pager', '-q', '--quiet', '-a', '--all', '-l', '--full', '--user', '--system', '--no-legend', '--plain', '--failed', '--now'], ['-n', '--lines', '-t', '--type', '-p', '--property', '-o', '--output', '--state', '-u', '--unit']);

const serviceJudge: Judge = ({args}) => {
	const verb = args[1];
	if (args[0]?.text === '--status-all') {
		return [];
	}

	if (verb === undefined || verb.dynamic) {
		return destructive('unknown-words');
	}

	return verb.text === 'status' ? [] : (/^(?:start|restart|reload)$/.test(verb.text) && !args[0]!.dynamic && !(verb.text === 'restart' && isEngine(args[0]!.text)) ? change('starts') : destructive('takes-down'));
};

/** `ip addr show`, `ip r`, `ip -s link`; whatever sets, adds, deletes or flushes is not a look. */
const ipJudge = bySubcommand(each('a addr address l link r route n neigh neighbor neighbour rule maddr s', ({args}) =>
	args.length === 0 || (/^(?:show|list|ls|get|dev)$/.test(args[0]!.text) && args.every(word => !word.splits)) ? [] : destructive('takes-down')),
['-4', '-6', '-s', '-d', '-o', '-j', '-p', '-br', '-brief', '-c', '-stats', '-details']);

const nginxJudge: Judge = ({args}) => {
	const signal = args.findIndex(word => word.text === '-s');
	if (signal >= 0) {
		return /^(?:reload|reopen)$/.test(args[signal + 1]?.text ?? '') ? change('starts') : destructive('takes-down');
	}

	return args.some(word => /^-(?:t|T|tq|qt|v|V|h|\?)$/.test(word.text)) && args.every(word => !word.dynamic) ? [] : destructive('unknown-words');
};

const flaskDb = bySubcommand({...each('current history heads show branches check', reads), ...each('upgrade migrate revision merge stamp init', changes), downgrade: () => destructive('drops-data')}, [], ['-d', '--directory', '-x', '--x-arg']);
const flaskJudge = bySubcommand({routes: reads, db: flaskDb}, ['--debug', '--no-debug', '--version'], ['--app', '-A', '--env-file', '-e'], reads);

const testNc: Judge = ({args}) => args.some(word => /^-[a-z]*z/.test(word.text)) && args.every(word => !/^-[a-z]*[elc]/.test(word.text) && !word.splits) ? [] : destructive('unknown-words');

const tarJudge: Judge = ({args}) => {
	const first = args[0]?.text ?? '';
	const isList = /^-?[zjJvfa]*t[zjJvfa]*$/.test(first) || first === '--list';
	return isList && !args.some(word => spells(word, ['--to-command', '--checkpoint-action', '--use-compress-program', '-I', '--info-script', '--new-volume-script', '-F']) || word.splits) ? [] : overwrites;
};

const versionOnly: Judge = ({args}) => args.length === 1 && /^(?:-v|-V|--version|version)$/.test(args[0]!.text) ? [] : destructive('runs-text');

const packages = (looks: string, adds: string): Judge => bySubcommand({...each(looks, reads), ...each(adds, changes)}, ['-q', '-y', '-qq', '--yes', '--quiet', '--no-install-recommends']);

const setsWithOperand: Judge = ({args}) => operandsOf(args).length === 0 && args.every(word => !word.splits) ? [] : change();

// These look whatever their words are; what of them can write or run something stands in the table below.
const always = ('cat tac nl head tail ls dir vdir stat wc cut tr comm diff cmp paste fold fmt column rev od hexdump strings md5sum sha1sum sha224sum sha256sum sha384sum sha512sum cksum b2sum base64 base32 grep egrep fgrep zgrep zcat '
	+ 'echo true false : pwd cd pushd popd dirs type which whereis whoami id groups users who w last lastb logname uptime cal uname arch nproc lscpu lsblk lsmem lspci lsusb lsmod lsof free vmstat iostat mpstat df du findmnt ps pgrep pidof '
	+ 'pstree top htop printenv locale getent dig nslookup host ping ping6 traceroute tracepath mtr netstat jq seq expr bc basename dirname realpath readlink sleep wait set shopt shift return exit break continue getopts times '
	+ 'jobs umask help tput clear pg_isready namei getfacl ulimit factor numfmt tty lsns systemd-cgls systemd-detect-virt ssh-keyscan unalias apt-cache').split(' ');

/** Builtins that evaluate subscripts: `test -v 'a[$(rm x)]'` runs what stands in them, quoted or not. */
const evaluating = 'printf test [ let unset local declare typeset export readonly read';
const evaluates: Judge = ({name, args}) => args.some(word => (name === 'let' || word.text.includes('[')) && !word.dynamic && /\$\(|`/.test(word.text)) ? destructive('runs-text') : [];

const table: Readonly<Record<string, Judge>> = {
	...Object.fromEntries(always.map(name => [name, reads])),
	...each(evaluating, evaluates),
	...each('mapfile readarray', readsBut(['-C'], destructive('runs-text'))),
	hash: readsBut(['-p'], destructive('replaces-program')),
	...each('less more', ({args}) => args.some(word => /^(?:\+|-.*[oOkT]|--)/.test(word.text) || word.splits) ? destructive('runs-text') : []),
	ss: readsBut(['--kill', '-K', '--diag', '-D'], destructive('kills')),
	pidstat: readsBut(['-e'], destructive('runs-text')),
	...wrappers,
	docker: dockerJudge,
	podman: dockerJudge,
	'docker-compose': composeJudge,
	kubectl: kubectlJudge,
	git: gitJudge,
	find: findJudge,
	awk: awkJudge,
	gawk: awkJudge,
	mawk: awkJudge,
	sed: sedJudge,
	curl: curlJudge,
	wget: wgetJudge,
	psql: psqlJudge,
	mysql: mysqlJudge,
	mariadb: mysqlJudge,
	sqlite3: sqliteJudge,
	'redis-cli': redisJudge,
	'valkey-cli': redisJudge,
	rabbitmqctl: bySubcommand(each('list_queues list_exchanges list_bindings list_connections list_channels list_consumers list_users list_vhosts list_permissions status cluster_status ping version report', reads), ['-q', '--quiet', '-s', '--silent'], ['-n', '--node', '-t', '--timeout', '-p', '--vhost', '--formatter']),
	...each('pg_dump pg_dumpall', readsBut(['--file', '-f'], overwrites)),
	mysqldump: readsBut(['--result-file', '-r', '--delete-master-logs', '--flush-logs', '-F'], overwrites),
	pg_restore: ({args}) => args.some(word => word.text === '-l' || word.text === '--list') ? [] : destructive('drops-data'),
	createdb: changes,
	createuser: changes,
	...each('dropdb dropuser', () => destructive('drops-data')),
	flask: flaskJudge,
	alembic: flaskDb,
	nginx: nginxJudge,
	systemctl,
	service: serviceJudge,
	...each('apachectl apache2ctl httpd', ({args}) => args.length === 1 && /^(?:configtest|status|fullstatus|-t|-S|-v|-V|-M)$/.test(args[0]!.text) ? [] : destructive('takes-down')),
	journalctl: readsBut(['--vacuum-size', '--vacuum-time', '--vacuum-files', '--rotate', '--flush', '--sync', '--relinquish-var', '--smart-relinquish-var', '--setup-keys', '--update-catalog', '--cursor-file'], destructive('deletes')),
	dmesg: readsBut(['--clear', '-C', '--read-clear', '-c', '--console-off', '-D', '--console-on', '-E', '--console-level', '-n'], destructive('deletes')),
	sort: readsBut(['--output', '-o', '--compress-program', '--temporary-directory'], overwrites),
	uniq: writesOperand(1, [], ['-f', '-s', '-w']),
	xxd: writesOperand(1, ['-r'], ['-l', '-s', '-c', '-g']),
	tee: ({args}) => {
		const files = operandsOf(args).filter(word => word.dynamic || !/^\/dev\/(?:null|stdout|stderr|tty)$/.test(word.text));
		return files.length === 0 ? [] : (args.some(word => spells(word, ['--append', '-a'])) && files.every(word => !word.splits) ? change('writes') : overwrites);
	},
	// `date 112503042026` sets the clock; what begins with a plus is how to print it.
	date: call => operandsOf(call.args, ['-d', '--date', '-r', '--reference', '-f', '--file']).some(word => !word.text.startsWith('+')) ? change() : readsBut(['--set', '-s'], change())(call),
	hostname: setsWithOperand,
	arp: readsBut(['-d', '-s', '--delete', '--set', '-f'], destructive('takes-down')),
	ifconfig: ({args}) => args.length <= 1 && args.every(word => !word.splits) ? [] : destructive('takes-down'),
	route: known(['-n', '-e', '-ee', '-4', '-6', '-v'], [], rest => rest.length === 0 ? [] : destructive('takes-down')),
	ip: ipJudge,
	mount: known(['-l', '-v'], ['-t'], rest => rest.length === 0 ? [] : destructive('overwrites')),
	sysctl: readsBut(['-w', '--write', '-p', '--load', '--system'], change()),
	timedatectl: bySubcommand(each('status show list-timezones timesync-status', reads)),
	hostnamectl: bySubcommand(each('status', reads)),
	loginctl: bySubcommand(each('list-sessions list-users show-session show-user session-status user-status', reads), ['--no-pager']),
	crontab: ({args}) => args.some(word => word.text === '-l') && !args.some(word => /^-[re]/.test(word.text)) ? [] : overwrites,
	iptables: ({args}) => args.every(word => !word.splits) && args.some(word => /^-[nvx]*[LS][nvx]*$|^--list/.test(word.text)) && !args.some(word => /^-[A-Z]*[AIDRFXZPNE]|^--(?:append|delete|flush|zero|insert|replace)/.test(word.text)) ? [] : destructive('takes-down'),
	ufw: bySubcommand({status: reads, version: reads}),
	nft: bySubcommand({list: reads}, ['-n', '-a', '-s']),
	nc: testNc,
	ncat: testNc,
	openssl: bySubcommand({...each('version ciphers verify dgst', reads), ...each('s_client x509 crl rsa req', readsBut(['-out', '-keyout', '-sess_out', '-keylogfile'], overwrites))}),
	tar: tarJudge,
	unzip: ({args}) => args.some(word => /^-[lvZ]/.test(word.text)) ? [] : overwrites,
	gzip: ({args}) => args.some(word => /^-(?:l|t|c|dc|cd|lv)$/.test(word.text)) && args.every(word => !word.splits) ? [] : destructive('deletes'),
	gunzip: ({args}) => args.some(word => /^-(?:l|t|c)$/.test(word.text)) && args.every(word => !word.splits) ? [] : destructive('deletes'),
	fuser: readsBut(['--kill', '-k', '-i'], destructive('kills')),
	kill: killJudge,
	...each('pkill killall killall5 skill', () => destructive('kills')),
	history: readsBut(['-c', '-d', '-w', '-a', '-r', '-n', '-p', '-s'], destructive('deletes')),
	alias: ({args}) => args.some(word => word.text.includes('=')) ? destructive('replaces-program') : [],
	lastlog: readsBut(['--clear', '-C', '--set', '-S'], destructive('deletes')),
	sar: readsBut(['-o'], overwrites),
	yq: readsBut(['--inplace', '-i', '--split-exp', '-s'], overwrites),
	file: readsBut(['--compile', '-C'], overwrites),
	rg: readsBut(['--pre', '--hostname-bin'], destructive('runs-text')),
	logrotate: ({args}) => args.some(word => /^(?:-d|--debug)$/.test(word.text)) ? [] : destructive('deletes'),
	...each('mkdir touch logger sync ln fallocate swapon mktemp chmod chown chgrp chattr setfacl', ({name, args}) =>
		args.some(word => spells(word, ['--force', '-f']) && name === 'ln') || (args.some(word => spells(word, ['--recursive', '-R'])) && name.startsWith('ch')) ? overwrites : change('writes')),
	...each('rm rmdir unlink shred truncate', deletes),
	...each('cp mv install rsync scp dd patch', () => overwrites),
	...each('mkfs wipefs mke2fs mkswap sgdisk sfdisk cfdisk', formats),
	...each('fdisk parted gdisk', ({args}) => args.some(word => word.text === '-l') ? [] : destructive('formats')),
	...each('reboot shutdown halt poweroff init telinit swapoff umount ifdown', takesDown),
	...each('apt apt-get', packages('list show search policy depends', 'update install')),
	dpkg: ({args}) => /^-(?:l|L|s|S|p)$|^--(?:list|listfiles|status|search|audit|get-selections)$/.test(args[0]?.text ?? '') ? [] : destructive('deletes'),
	rpm: ({args}) => /^-q/.test(args[0]?.text ?? '') ? [] : destructive('deletes'),
	...each('yum dnf', packages('list info search repolist check-update', 'install makecache')),
	apk: packages('info list search policy', 'update add'),
	...each('pip pip3', packages('list show freeze check --version', 'install download')),
	npm: bySubcommand(each('ls list outdated view ping root prefix version', reads)),
	...each('node python python3 perl ruby php java go gunicorn', versionOnly),
};

/** The judge of a program by its bare name, or null when it is not known. */
export const judgeOf = (name: string): Judge | null => {
	if (/^mkfs\./.test(name)) {
		return formats;
	}

	return Object.hasOwn(table, name) ? table[name]! : null;
};
