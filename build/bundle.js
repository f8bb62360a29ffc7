/*
Builds the program that users start: source/cli.ts → dist/cli.js and, beside it, the parts that are loaded only when they are
used (dist/chunks/). Everything is inside: the package that is published has no runtime dependency. Also writes
dist/LICENSES.txt, the licences of every package that went in.

Invariants: the build is a pure function of the checkout; dist/ holds nothing of an earlier build when it ends.
*/
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {builtinModules} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {mergeOutputs} from './merge.js';
import {pluginsFor} from './plugins.js';

export const root = fileURLToPath(new URL('..', import.meta.url));

// CommonJS packages in an ESM bundle call `require` for Node's own modules. In the single executable the module's own address is no file.
const banner = 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url.startsWith("file:")?import.meta.url:"file:///mdc-console");';

const common = {
	absWorkingDir: root,
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node24',
	// Names stay: a stack in a report of our bug can be read. With short ones and `keepNames` every function is given its name when it is made (4 % of the way to the first frame).
	minifySyntax: true,
	minifyWhitespace: true,
	legalComments: 'none',
	charset: 'ascii',
	logLevel: 'warning',
	metafile: true,
	define: {'process.env.NODE_ENV': '"production"'},
	loader: {'.node': 'empty', '.md': 'text', '.sql': 'text'},
	banner: {js: banner},
	jsx: 'automatic',
};

const builtinImport = new RegExp(String.raw`import(?:(?<all>\*as [\w$]+)|(?<whole> [\w$]+)?,?(?<named>\{[^{}]*\})?)\s?from\s?"(?<name>node:[\w/]+|${builtinModules.map(name => name.replaceAll('/', String.raw`\/`)).join('|')})";`, 'g');

// What a way to the first frame without TLS never calls, and takes 20 ms to load.
const lateBuiltins = new Set(['node:child_process', 'node:crypto', 'node:https', 'node:tls', 'node:zlib']);

/** A function or class of a module that is asked for when it is first used: called, made, or asked for what hangs on it (`promisify(execFile)`, `instanceof`). */
const late = (module, of, as = of) => `${as}=new Proxy(function(){},{apply:(_,self,all)=>Reflect.apply(${module}.${of},self,all),construct:(_,all,target)=>Reflect.construct(${module}.${of},all,target),get:(_,key)=>${module}.${of}[key]})`;

/** A whole module that is asked for when something of it is first read. */
const lateWhole = (module, as) => `${as}=new Proxy({},{get:(_,of)=>${module}[of]})`;

/**
The text of an output with its imports of Node's modules turned into questions to `process.getBuiltinModule`. An ESM import of such a module reads every
export of it once, also the lazy ones: `node:http` then loads undici for WebSocket (20 ms on the way to the first frame; asked for it takes 2.3), and
`node:fs` its streams. Asked at the top of the file, so that they are there before anything uses them, as with an import.
*/
export const askForBuiltins = text => {
	const asked = [];
	const rest = text.replaceAll(builtinImport, (...match) => {
		const {all, whole, named, name} = match.at(-1);
		const module = `process.getBuiltinModule("${name.startsWith('node:') ? name : `node:${name}`}")`;
		const items = (named?.slice(1, -1).split(',') ?? []).filter(item => item !== '').map(item => item.split(/\s+as\s+/));
		const ofModule = [all?.replace('*as ', ''), whole?.trim(), ...items.filter(([of]) => of === 'default').map(([, as]) => as)].filter(Boolean);
		const ofExports = items.filter(([of]) => of !== 'default').map(([of, as]) => as ? `${of}:${as}` : of);
		const isLate = lateBuiltins.has(`node:${name.replace(/^node:/, '')}`);
		const inOne = ofExports.length > 0 ? [`{${ofExports.join(',')}}=${module}`] : [];
		asked.push(...ofModule.map(binding => isLate ? lateWhole(module, binding) : `${binding}=${module}`), ...isLate ? ofExports.map(item => late(module, ...item.split(':'))) : inOne);
		return '';
	});
	if (/(?:^|[;}])import[^;()]*?from\s?"node:/.test(rest)) {
		throw new Error('An output imports a module of Node in a way that the build does not know: its text must be looked at again.');
	}

	return asked.length === 0 ? text : `const ${asked.join(',')};${rest}`;
};

/** The parts that a start loads one after the other and whole, in this order: each is one file (see merge.js). */
const loadedTogether = ['source/commands/surroundings.ts', 'source/commands/print-status.ts', 'source/commands/open.ts', 'source/ui/render.tsx'];

/**
The text of an output in ASCII alone: a file with a single other character is kept in memory with two bytes for each, and read more slowly. esbuild writes
strings so by itself, but leaves regular expressions and raw templates, which here hold expressions too; in an expression the escape means the character.
*/
const inAscii = text => {
	const escaped = /(?<!\\)(?:\\\\)*\\[^\u0000-\u007F]/.exec(text);
	if (escaped !== null) {
		throw new Error(`An output escapes a character beyond ASCII (${text.slice(escaped.index - 60, escaped.index + 10)}): write it without the backslash.`);
	}

	return text.replaceAll(/[\u0080-\uFFFF]/g, unit => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

/** Bundles one worker to its source text. */
const bundleWorker = async entry => {
	const built = await build({...common, entryPoints: [entry], write: false});
	return askForBuiltins(built.outputFiles[0].text);
};

/** The folders under node_modules that a build took files from, as paths relative to the checkout. */
const packagesOf = inputs => {
	const folders = new Set();
	for (const input of Object.keys(inputs)) {
		// A name with a colon is a module that a plugin made; what it stands for is listed by itself.
		const match = /^([^:]*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll('\\', '/'));
		if (match) {
			folders.add(match[1]);
		}
	}

	return [...folders].sort();
};

const licenceOf = async folder => {
	const directory = path.join(root, folder);
	const description = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
	const names = await readdir(directory);
	const files = names.filter(name => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
	const texts = await Promise.all(files.map(async name => (await readFile(path.join(directory, name), 'utf8')).trim()));
	const author = typeof description.author === 'string' ? description.author : description.author?.name;
	const licence = typeof description.license === 'string' ? description.license : description.license?.type ?? description.licenses?.[0]?.type ?? 'not stated';
	const head = `${description.name} ${description.version} (${licence})`;
	return `${head}\n${'='.repeat(head.length)}\n${texts.length > 0 ? texts.join('\n\n') : `The package brings no licence text. Author: ${author ?? 'not stated'}.`}\n`;
};

/** The notices of every package in the bundle, as one text. */
const licences = async inputs => {
	const texts = await Promise.all(packagesOf(inputs).map(async folder => licenceOf(folder)));
	return `mdc-console contains the following packages. Its own licence is in the file LICENSE.\n\n${texts.join('\n\n')}`;
};

/** Removes what an earlier build left in dist/: files that this one did not write, except the single executable. */
const removeLeftovers = async (outputDirectory, written) => {
	const entries = await readdir(outputDirectory, {recursive: true, withFileTypes: true});
	const kept = new Set(written.map(file => path.resolve(root, file)));
	await Promise.all(entries
		.filter(entry => entry.isFile())
		.map(entry => path.join(entry.parentPath, entry.name))
		.filter(file => !kept.has(file) && !path.relative(outputDirectory, file).startsWith('single'))
		.map(async file => rm(file)));
};

/**
Bundles `entry` (relative to the checkout) into `outputDirectory` as `cli.js` and chunks.
Answers with the paths written, relative to the checkout. Throws with esbuild's messages when the source does not bundle.
*/
export const bundleProgram = async ({entry = 'source/cli.ts', outputDirectory = path.join(root, 'dist')} = {}) => {
	const built = await build({
		...common,
		entryPoints: [{in: entry, out: 'cli'}],
		outdir: outputDirectory,
		splitting: true,
		chunkNames: 'chunks/[name]-[hash]',
		plugins: pluginsFor(bundleWorker),
		write: false,
	});
	const merged = await mergeOutputs({
		outputs: built.metafile.outputs, texts: new Map(built.outputFiles.map(file => [path.relative(root, file.path).replaceAll('\\', '/'), file.text])),
		entries: [entry, ...loadedTogether], directory: root, options: common,
	});
	const files = [...merged].map(([file, text]) => [path.join(root, file), inAscii(askForBuiltins(text))]);
	await mkdir(path.join(outputDirectory, 'chunks'), {recursive: true});
	await Promise.all(files.map(async ([file, text]) => writeFile(file, text)));
	const notices = path.join(outputDirectory, 'LICENSES.txt');
	await writeFile(notices, await licences(built.metafile.inputs));
	const written = [...merged.keys(), path.relative(root, notices)];
	await removeLeftovers(outputDirectory, written);
	return {written, bytes: files.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0)};
};

const isMain = process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
	const startedAt = performance.now();
	try {
		const {written, bytes} = await bundleProgram();
		console.log(`dist: ${written.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
	} catch (error) {
		// What does not bundle, esbuild has said already, with its place; anything else is a fault of this script.
		if (!Array.isArray(error.errors)) {
			throw error;
		}

		process.exitCode = 1;
	}
}
