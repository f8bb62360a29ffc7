/**
The shape of the source, held by reading it: who imports what (docs: the table of rings), one reader of keys, no clock or process in
what must be pure, and how a file looks.
*/
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('..', import.meta.url));
const lineLimit = 400;

type SourceFile = {
	/** Relative to the checkout, with `/`. */
	readonly name: string;
	readonly text: string;
	/** Without comments, strings left as they are. */
	readonly code: string;
	readonly imports: readonly Import[];
};

type Import = {readonly target: string; readonly typeOnly: boolean};

const withoutComments = (text: string): string => text.replaceAll(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|(?<=^|[\s;{(,])\/\/[^\n]*/g, (_, quoted: string | undefined) => quoted ?? '');

const importsOf = (code: string): readonly Import[] => {
	const found: Import[] = [];
	for (const match of code.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'/gm)) {
		found.push({typeOnly: match[1] !== undefined, target: match[2]!});
	}

	for (const match of code.matchAll(/(?:^\s*import\s*|\bimport\(\s*|\bnew URL\(\s*)'([^']+)'/gm)) {
		if (match[1]!.startsWith('.') || !match[0].includes('URL')) {
			found.push({typeOnly: false, target: match[1]!});
		}
	}

	return found;
};

const sourceFiles = readdirSync(path.join(root, 'source'), {recursive: true, withFileTypes: true})
	.filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
	.map((entry): SourceFile => {
		const file = path.join(entry.parentPath, entry.name);
		const text = readFileSync(file, 'utf8');
		const code = withoutComments(text);
		return {name: path.relative(root, file).replaceAll('\\', '/'), text, code, imports: importsOf(code)};
	});

/** What a path under source/ belongs to: a ring, and within the adapters which one. A folder and the file of the same name are one adapter. */
const ringOf = (name: string): {readonly ring: string; readonly adapter: string | null} => {
	const [, ring = '', second = ''] = name.split('/');
	const bare = (part: string): string => part.replace(/\.tsx?$/, '');
	return {ring: bare(ring), adapter: ring === 'adapters' ? bare(second).replace(/-worker$/, '') : null};
};

const packageOf = (target: string): string => target.split('/').slice(0, target.startsWith('@') ? 2 : 1).join('/');

type Rule = {
	/** Rings whose files may be imported, with their values. */
	readonly rings: readonly string[];
	/** Of these only types. */
	readonly typesOf?: readonly string[];
	/** Single files beyond these. */
	readonly files?: readonly string[];
	readonly node?: boolean;
	/** Packages that may be imported; `own` is any that no other adapter imports. */
	readonly packages?: readonly string[] | 'own' | 'any';
};

const rules: Readonly<Record<string, Rule>> = {
	core: {rings: ['core']},
	runtime: {rings: ['core', 'runtime']},
	// Sentences carry names from outside: what makes them safe to show is the one function of core that messages may call.
	messages: {rings: ['messages'], typesOf: ['core'], files: ['source/core/text.ts']},
	adapters: {rings: ['core'], node: true, packages: 'own'},
	simulator: {rings: ['core', 'simulator']},
	config: {rings: ['core', 'config'], node: true, packages: ['zod', 'yaml']},
	ui: {rings: ['core', 'messages', 'ui'], typesOf: ['runtime'], packages: ['ink', 'react']},
	commands: {rings: ['core', 'runtime', 'messages', 'adapters', 'simulator', 'config', 'ui', 'commands', 'runbooks', 'drills'], node: true, packages: 'any'},
	cli: {rings: ['core', 'runtime', 'messages', 'adapters', 'simulator', 'config', 'ui', 'commands', 'runbooks', 'drills'], node: true, packages: 'any'},
};

/** What every adapter has to know of Node itself, and none could hide from another. */
const sharedByAdapters = new Set(['source/adapters/children.ts']);

const wrongImport = (file: SourceFile, {target, typeOnly}: Import): string | null => {
	const from = ringOf(file.name);
	const rule = rules[from.ring];
	if (!rule) {
		return `${file.name} lies in no ring`;
	}

	const wrong = `${file.name} imports ${target}`;
	if (target.startsWith('.')) {
		const place = path.posix.join(path.posix.dirname(file.name), target);
		if (place === 'package.json') {
			// Its version is what `--version` prints.
			return from.ring === 'cli' ? null : wrong;
		}

		const to = ringOf(place);
		if (from.ring === 'adapters' && to.ring === 'adapters') {
			return to.adapter === from.adapter || sharedByAdapters.has(place) ? null : wrong;
		}

		return rule.rings.includes(to.ring) || rule.files?.includes(place) || (typeOnly && rule.typesOf?.includes(to.ring)) ? null : wrong;
	}

	if (target.startsWith('node:')) {
		return rule.node ? null : wrong;
	}

	const name = packageOf(target);
	const allowed = rule.packages ?? [];
	if (allowed === 'any' || (allowed === 'own' && name !== 'ink' && name !== 'react')) {
		return null;
	}

	return allowed.includes(name) ? null : wrong;
};

test('each ring imports only what it may', t => {
	t.true(sourceFiles.length > 3);
	t.deepEqual(sourceFiles.flatMap(file => file.imports.map(one => wrongImport(file, one))).filter(one => one !== null), []);
});

/** A format that several outside systems write in: reading it hides nothing that another adapter must not know. */
const formats = new Set(['yaml']);

test('a package that an adapter hides is hidden from the other adapters', t => {
	const owners = new Map<string, Set<string>>();
	for (const file of sourceFiles.filter(({name}) => ringOf(name).ring === 'adapters')) {
		for (const {target} of file.imports.filter(one => !one.target.startsWith('.') && !one.target.startsWith('node:'))) {
			const adapters = owners.get(packageOf(target)) ?? new Set();
			owners.set(packageOf(target), adapters.add(ringOf(file.name).adapter!));
		}
	}

	t.deepEqual([...owners].filter(([name, adapters]) => adapters.size > 1 && !formats.has(name)).map(([name, adapters]) => `${name}: ${[...adapters].join(', ')}`), []);
});

test('exactly one place reads keys', t => {
	const readers = sourceFiles.flatMap(({name, code}) => [...code.matchAll(/\buseInput\(/g)].map(() => name));
	t.true(readers.length <= 1, readers.join(', '));
	if (sourceFiles.some(({name}) => name === 'source/cli.ts')) {
		t.is(readers.length, 1);
	}
});

test('core and ui know neither the process nor the time of day nor chance', t => {
	const forbidden = /(?<![\w.'])(?:process\.(?:env|argv|exit|exitCode|std(?:in|out|err)|platform|on|once|off|cwd|pid|ppid|uptime|hrtime|memoryUsage|kill|nextTick|versions?|emit|getuid)\b|Date\.now\b|new Date\(\s*\)|performance\.now\b|Math\.random\b|setTimeout\b|setInterval\b|setImmediate\b)/g;
	t.deepEqual(sourceFiles
		.filter(({name}) => /^source\/(?:core|ui)\//.test(name))
		.flatMap(({name, code}) => [...code.matchAll(forbidden)].map(([found]) => `${name}: ${found}`)), []);
});

test('only the command line reads its arguments and ends the process', t => {
	t.deepEqual(sourceFiles
		.filter(({name}) => name !== 'source/cli.ts' && !name.startsWith('source/commands/'))
		.flatMap(({name, code}) => [...code.matchAll(/\bprocess\.(?:argv|exit)\b/g)].map(([found]) => `${name}: ${found}`)), []);
});

test('names are exported by name, from the file that they live in', t => {
	t.deepEqual(sourceFiles.filter(({code}) => /^export default\b|^export \{[^}]*\bas default\b/m.test(code)).map(({name}) => name), []);
	t.deepEqual(sourceFiles.filter(({name}) => /\/index\.tsx?$/.test(name)).map(({name}) => name), []);
});

test('each file opens by saying what it hides', t => {
	t.deepEqual(sourceFiles.filter(({text}) => !/^(?:#!.*\n)?\/\*\*?/.test(text)).map(({name}) => name), []);
});

test('no file carries a path of the machine that it was written on', t => {
	const others = ['bin', 'build', 'test', '.ci', 'docs'].flatMap(folder => {
		try {
			return readdirSync(path.join(root, folder), {recursive: true, withFileTypes: true}).filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
		} catch (error) {
			// A folder that is not there has no such path; anything else is a trouble of its own.
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
				return [];
			}

			throw error;
		}
	});
	const pattern = new RegExp(['work/(?:main|shared)', 'tmp/w/'].map(one => `(?<![\\w.~}])/${one}`).join('|'));
	const wrong = [...sourceFiles.map(({name, text}) => ({name, text})), ...others.map(file => ({name: path.relative(root, file), text: readFileSync(file, 'utf8')}))]
		.filter(({name, text}) => name !== 'test/architecture.ts' && pattern.test(text));
	t.deepEqual(wrong.map(({name, text}) => `${name}: ${pattern.exec(text)?.[0]}`), []);
});

test('files stay small enough to be read', t => {
	const long = sourceFiles.map(({name, text}) => ({name, lines: text.split('\n').length})).filter(({lines}) => lines > lineLimit);
	for (const {name, lines} of long) {
		t.log(`${name}: ${lines} lines`);
	}

	t.deepEqual(long.filter(({lines}) => lines > lineLimit * 2), []);
});

test('the rules themselves tell wrong from right', t => {
	const judge = (name: string, code: string): boolean => importsOf(code).every(one => wrongImport({name, text: code, code, imports: []}, one) === null);
	t.true(judge('source/core/a.ts', 'import {b} from \'./b.ts\';'));
	t.false(judge('source/core/a.ts', 'import type {Foo} from \'zod\';'));
	t.false(judge('source/core/a.ts', 'import {c} from \'../adapters/c.ts\';'));
	t.false(judge('source/core/a.ts', 'const x = await import(\'node:fs\');'));
	t.true(judge('source/adapters/docker/a.ts', 'import {\n\tb,\n\tc,\n} from \'../docker.ts\';\nimport x from \'dockerode\';'));
	t.true(judge('source/adapters/journal.ts', 'const worker = new URL(\'./journal-worker.ts\', import.meta.url);'));
	t.false(judge('source/adapters/docker.ts', 'import {b} from \'./host.ts\';'));
	t.false(judge('source/ui/a.tsx', 'import {createStore} from \'../runtime/store.ts\';'));
	t.true(judge('source/ui/a.tsx', 'import type {Store} from \'../runtime/store.ts\';'));
	t.is(withoutComments('a; // process.exit\nb /* Date.now */ + \'// no comment\''), 'a; \nb  + \'// no comment\'');
});
