/**
What `docker` and both spellings of Compose do. What runs inside a container is judged like any command: `exec db psql … "DROP TABLE"` is no better
than on the host.
*/

import {bySubcommand, change, changes, changesBut, deletes, destructive, each, known, operandsOf, reads, readsBut, spells, splitOptions, unknown, type Judge, type Marks} from './judging.ts';

const takesDown: Judge = () => destructive('takes-down');
const kills: Judge = () => destructive('kills');
const overwrites = destructive('overwrites');

const execFlags = ['-i', '-t', '-d', '-T', '--interactive', '--tty', '--detach', '--no-TTY', '--privileged'];
const execValued = ['-u', '--user', '-w', '--workdir', '-e', '--env', '--env-file', '--detach-keys', '--index'];

/** `exec [options] CONTAINER COMMAND …` */
const execInside: Judge = call => {
	const split = splitOptions(call.args, execFlags, execValued);
	if (split === null) {
		return destructive('unknown-words');
	}

	const [, ...words] = split.rest;
	return words.length === 0 ? destructive('unknown-words') : call.command(words);
};

const runFlags = ['--rm', '-i', '-t', '-T', '-d', '--detach', '--interactive', '--tty', '--no-TTY', '--no-deps', '--init', '--service-ports', '--use-aliases', '--read-only', '-P', '--quiet-pull', '-q', '--quiet'];
const runValued = ['-e', '--env', '--env-file', '-u', '--user', '-w', '--workdir', '--name', '--network', '-p', '--publish', '-l', '--label', '-v', '--volume', '--mount', '-m', '--memory', '--cpus', '--platform', '--pull', '-h', '--hostname', '--add-host'];

/** `run [options] IMAGE|SERVICE COMMAND …`: a new container is at least a change; with no command it is what the service is anyway. */
const runInside = (withoutCommand: Marks): Judge => call => {
	const at = call.args.findIndex(word => word.text === '--entrypoint' || word.text.startsWith('--entrypoint='));
	const entrypoint = at < 0 ? [] : (call.args[at]!.text.includes('=') ? [{...call.args[at]!, text: call.args[at]!.text.slice('--entrypoint='.length)}] : call.args.slice(at + 1, at + 2));
	const args = at < 0 ? call.args : call.args.filter((_, index) => index !== at && !(index === at + 1 && !call.args[at]!.text.includes('=')));
	const split = splitOptions(args, runFlags, runValued);
	if (split === null) {
		return destructive('unknown-words');
	}

	const words = [...entrypoint, ...split.rest.slice(1)];
	return words.length === 0 ? withoutCommand : [...change('starts'), ...call.command(words)];
};

/** Copies into a container overwrite there, copies out overwrite here; only to standard output nothing is lost. */
const copies: Judge = ({args}) => operandsOf(args).at(-1)?.text === '-' || args.at(-1)?.text === '-' ? [] : overwrites;

const upJudge: Judge = ({args}) => {
	if (args.some(word => spells(word, ['--renew-anon-volumes', '-V']))) {
		return destructive('drops-data');
	}

	if (args.some(word => spells(word, ['--remove-orphans', '--abort-on-container-exit', '--abort-on-container-failure']) || /(?:^|[\s=])[\w.-]+=0$/.test(word.text))) {
		return destructive('takes-down');
	}

	return args.some(word => word.dynamic && !word.quoted) ? destructive('unknown-words') : change('starts');
};

const scaleJudge: Judge = ({args}) => args.some(word => /=0+$/.test(word.text)) ? destructive('takes-down') : (args.some(word => word.dynamic) ? destructive('unknown-words') : change('starts'));

const starts: Judge = () => change('starts');
const toFile = readsBut(['--output', '-o'], overwrites);

const buildJudge = changesBut(['--output', '-o'], overwrites);

const composeTable: Readonly<Record<string, Judge>> = {
	...each('ps logs top events port images version ls stats help volumes', reads),
	...each('config convert', toFile),
	...each('start restart unpause watch', starts),
	build: buildJudge,
	...each('pull push commit', changes),
	...each('up create', upJudge),
	scale: scaleJudge,
	export: toFile,
	wait: readsBut(['--down-project'], destructive('takes-down')),
	exec: execInside,
	run: runInside(change('starts')),
	cp: copies,
	...each('down stop pause', takesDown),
	kill: kills,
	rm: deletes,
};

const composeFlags = ['--verbose', '--no-ansi', '--compatibility', '--tls', '--tlsverify', '--all-resources', '--dry-run', '-D', '--skip-hostname-check', '--version', '-v', '-h', '--help'];
const composeValued = ['-f', '--file', '-p', '--project-name', '--profile', '--env-file', '--project-directory', '--ansi', '--progress', '--parallel', '-H', '--host', '--tlscacert', '--tlscert', '--tlskey', '--log-level', '-l', '-c', '--context'];

/** `docker-compose …` and `docker compose …`. */
export const composeJudge: Judge = bySubcommand(composeTable, composeFlags, composeValued);

const listed = (more: Readonly<Record<string, Judge>> = {}): Judge => bySubcommand({...each('ls list inspect ps', reads), ...each('prune rm remove', deletes), create: changes, ...more});

const onContainers: Readonly<Record<string, Judge>> = {
	...each('ps inspect logs stats top port diff wait', reads),
	...each('start restart unpause', starts),
	...each('rename update create commit', changes),
	...each('stop pause', takesDown),
	kill: kills,
	rm: deletes,
	exec: execInside,
	// What an image runs by itself is not in the text.
	run: runInside(destructive('unknown-program')),
	cp: copies,
	export: toFile,
};

const onImages: Readonly<Record<string, Judge>> = {
	history: reads,
	build: buildJudge,
	...each('pull push tag load import', changes),
	save: toFile,
};

const dockerTable: Readonly<Record<string, Judge>> = {
	...onContainers,
	...onImages,
	...each('images info version events search help', reads),
	...each('login logout', changes),
	rmi: deletes,
	compose: composeJudge,
	container: bySubcommand({...onContainers, ...each('ls list', reads), prune: deletes}),
	image: listed(onImages),
	network: listed({connect: changes, disconnect: takesDown}),
	volume: listed(),
	system: bySubcommand({...each('df info events', reads), prune: deletes}),
	context: bySubcommand(each('ls list show inspect', reads)),
	manifest: bySubcommand({inspect: reads}),
	builder: bySubcommand({prune: deletes, build: buildJudge}),
	buildx: bySubcommand({...each('ls inspect du version', reads), build: buildJudge, prune: deletes}),
	plugin: bySubcommand(each('ls list inspect', reads)),
	node: bySubcommand(each('ls list ps inspect', reads)),
	service: bySubcommand({...each('ls list ps logs inspect', reads), update: changes, rollback: changes, scale: scaleJudge, rm: deletes}),
	stack: bySubcommand({...each('ls list ps services', reads), deploy: changes, rm: deletes}),
	swarm: unknown,
};

const dockerFlags = ['-D', '--debug', '--tls', '--tlsverify', '-v', '--version', '--help'];
const dockerValued = ['-H', '--host', '-c', '--context', '--config', '-l', '--log-level', '--tlscacert', '--tlscert', '--tlskey'];

/** `docker …` */
export const dockerJudge: Judge = bySubcommand(dockerTable, dockerFlags, dockerValued);

/** `kubectl …`: only what is known to look. */
export const kubectlJudge: Judge = bySubcommand({
	...each('get describe logs top explain version api-resources cluster-info', reads),
	apply: changesBut(['--prune', '--force'], destructive('deletes')),
	...each('create annotate label expose', changes),
	rollout: bySubcommand({...each('status history', reads), ...each('restart undo resume', changes)}),
	exec: known(['-i', '-t', '-it'], ['-c', '-n', '--namespace', '--container'], (rest, call) => {
		const words = rest.slice(rest[1]?.text === '--' ? 2 : 1);
		return words.length === 0 ? destructive('unknown-words') : call.command(words);
	}),
}, [], ['-n', '--namespace', '--context']);
