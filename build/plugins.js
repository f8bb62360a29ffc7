/*
What the bundler must be taught about the packages that do not bundle as they are. Each plugin answers for one of them;
all leave a package's behaviour as it is in the parts that we use.
*/
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {withKeptFrames} from './ink-output.js';
import {mustReplace} from './must-replace.js';

/** What dockerode needs only for BuildKit sessions, `ssh://` hosts and sending a build's directory: megabytes that we never call. Using one throws. */
const unusedPackages = ['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2', 'cpu-features', 'tar-fs'];

const unusedPackagesPlugin = {
	name: 'unused-packages',
	setup(build) {
		const names = unusedPackages.map(name => name.replaceAll(/[/.-]/g, String.raw`\$&`)).join('|');
		build.onResolve({filter: new RegExp(`^(${names})(/|$)`)}, found => ({path: found.path, namespace: 'unused-package'}));
		build.onLoad({filter: /.*/, namespace: 'unused-package'}, found => ({
			contents: `
				const refuse = () => {
					throw new Error(${JSON.stringify(`${found.path} is not part of this build`)});
				};
				module.exports = new Proxy(function () {}, {get: (_, name) => name === '__esModule' ? undefined : refuse, apply: refuse, construct: refuse});
			`,
			loader: 'js',
		}));
	},
};

/** Ink loads it in development only; in the bundle it is empty. */
const devtoolsPlugin = {
	name: 'react-devtools',
	setup(build) {
		build.onResolve({filter: /^react-devtools-core$/}, found => ({path: found.path, namespace: 'empty-module'}));
		build.onLoad({filter: /.*/, namespace: 'empty-module'}, () => ({contents: 'export default undefined;', loader: 'js'}));
	},
};

/** Yoga fetches its WebAssembly from a `data:` address where `fetch` is there, which loads undici too; without, it decodes the text by itself. */
const yogaPlugin = {
	name: 'yoga',
	setup(build) {
		build.onLoad({filter: /[/\\]yoga-layout[/\\].*yoga-wasm-base64-esm\.js$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			return {contents: mustReplace(text, 'typeof fetch', 'typeof undefined', found.path), loader: 'js'};
		});
	},
};

/** Ink's frames at a fraction of their cost, and the same to the byte: see ink-output.js. */
const inkOutputPlugin = {
	name: 'ink-output',
	setup(build) {
		build.onLoad({filter: /[/\\]ink[/\\]build[/\\]output\.js$/}, async found => ({contents: withKeptFrames(await readFile(found.path, 'utf8'), found.path), loader: 'js'}));
	},
};

/**
Characters that stand alone in a cell of their own: what this program draws, and Latin. In code units, for a character class. A test asks string-width itself
about each of them.
*/
export const plainCharacters = String.raw`\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2030-\u205E\u2190-\u2193\u2500-\u25FC\u2714\u2716\u2800-\u28FF`;

/** string-width takes a row with a frame or a bar apart into graphemes, with five expressions for each: 500 µs a row, and Ink asks twice for every row that changed. ASCII has a short way there; these get it too (1 µs). */
const stringWidthPlugin = {
	name: 'string-width',
	setup(build) {
		build.onLoad({filter: /[/\\]node_modules[/\\]string-width[/\\]index\.js$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			return text.includes('Intl.Segmenter') ? {contents: mustReplace(text, String.raw`/^[\u0020-\u007E]*$/`, `/^[${plainCharacters}]*$/`, found.path), loader: 'js'} : undefined;
		});
	},
};

const plainPiece = String.raw`\u001B\[[\d;]*m|[${plainCharacters}\n]`;
const plainTextOf = `const plainText = /^(?:${plainPiece})*$/;`;

/**
What is SGR and such characters only, as every line of ours is, needs no graphemes, and no search for other sequences: nine tenths of what a new line costs, and in a
flood every line is new. A test holds both against the packages themselves.
*/
export const withPlainTokens = (text, file) => mustReplace(text, 'export function tokenize(str, endChar = Number.POSITIVE_INFINITY) {', `
const plainPiece = /${plainPiece}/g;
${plainTextOf}
const tokenizePlain = str => {
	const tokens = [];
	for (const [piece] of str.matchAll(plainPiece)) {
		if (piece.length === 1) {
			tokens.push({type: 'char', value: piece, fullWidth: false});
		} else {
			for (const code of splitCompoundSGRSequences(piece)) {
				tokens.push({type: 'ansi', code, endCode: getEndCode(code)});
			}
		}
	}

	return tokens;
};

export function tokenize(str, endChar = Number.POSITIVE_INFINITY) {
	if (endChar === Number.POSITIVE_INFINITY && plainText.test(str)) {
		return tokenizePlain(str);
	}
`, file);

/** The same for what Ink takes out of texts. */
export const withPlainTexts = (text, file) => mustReplace(text, 'const sanitizeAnsi = (text) => {', `
${plainTextOf}
const sanitizeAnsi = (text) => {
	if (plainText.test(text)) {
		return text;
	}
`, file);

const plainTextPlugin = {
	name: 'plain-text',
	setup(build) {
		build.onLoad({filter: /[/\\]@alcalzone[/\\]ansi-tokenize[/\\]build[/\\]tokenize\.js$/}, async found => ({contents: withPlainTokens(await readFile(found.path, 'utf8'), found.path), loader: 'js'}));
		build.onLoad({filter: /[/\\]ink[/\\]build[/\\]sanitize-ansi\.js$/}, async found => ({contents: withPlainTexts(await readFile(found.path, 'utf8'), found.path), loader: 'js'}));
	},
};

/** A copy of Node's own streams for runtimes that have none or other ones (40 kB on the way to the first frame). */
const readableStreamPlugin = {
	name: 'readable-stream',
	setup(build) {
		build.onResolve({filter: /^readable-stream$/}, () => ({path: 'node:stream', external: true}));
	},
};

const withLateModules = (text, file) => mustReplace(text, /require\(['"](https|zlib|crypto)['"]\)/g, 'new Proxy({}, {get: (_, key) => process.getBuiltinModule("$1")[key]})', file);

/** docker-modem writes its options out for a debug line that nobody reads, at every request (7 ms at the first); it and dockerode load what only remote engines and builds need. */
const dockerModemPlugin = {
	name: 'docker-modem',
	setup(build) {
		// Only remote engines and builds need these: asked for at their first use.
		build.onLoad({filter: /[/\\](?:dockerode[/\\]lib[/\\](?:session|util)|docker-modem[/\\]lib[/\\]http)\.js$/}, async found => ({contents: withLateModules(await readFile(found.path, 'utf8'), found.path), loader: 'js'}));
		build.onLoad({filter: /[/\\]docker-modem[/\\]lib[/\\]modem\.js$/}, async found => ({
			contents: mustReplace(await readFile(found.path, 'utf8'), 'debug(\'Sending: %s\', util.inspect(', 'debug.enabled && debug(\'Sending: %s\', util.inspect(', found.path),
			loader: 'js',
		}));
	},
};

/** markdown-it is published with its class fields as calls of Object.defineProperty, a dozen for each of its tokens (5 % of reading a page). */
const markdownPlugin = {
	name: 'markdown-it',
	setup(build) {
		build.onLoad({filter: /[/\\]markdown-it[/\\]dist[/\\]markdown-it\.mjs$/}, async found => ({
			contents: mustReplace(await readFile(found.path, 'utf8'), 'return (r = toPropertyKey(r)) in e ? Object.defineProperty(e, r, {', 'return e[r] = t, e; return (r = toPropertyKey(r)) in e ? Object.defineProperty(e, r, {', found.path),
			loader: 'js',
		}));
	},
};

// Widgets of blessed that need packages which are not there, or external programs; no chart uses them.
const widgetsLeftOut = new Set(['Terminal', 'Video', 'OverlayImage', 'Image']);

/**
blessed finds its widgets by computed names and reads its terminal description beside its own files; the canvas under
blessed-contrib uses the deprecated Buffer constructor, which warns on stderr (over the screen) once it is outside node_modules.
*/
const blessedPlugin = {
	name: 'blessed',
	setup(build) {
		build.onLoad({filter: /[/\\]blessed[/\\]lib[/\\]widget\.js$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			const list = /widget\.classes = \[([^\]]*)]/.exec(text)?.[1] ?? '';
			const classes = [...list.matchAll(/'(\w+)'/g)].map(match => match[1]).filter(name => !widgetsLeftOut.has(name));
			if (classes.length < 10) {
				throw new Error(`${found.path} lists its widgets in another way: its plugin must be looked at again.`);
			}

			const lines = classes.map(name => `widget.${name} = widget.${name.toLowerCase()} = require('./widgets/${name.toLowerCase()}');`);
			return {contents: `var widget = exports;\nwidget.classes = ${JSON.stringify(classes)};\n${lines.join('\n')}\n`, loader: 'js'};
		});
		build.onLoad({filter: /[/\\]blessed[/\\]lib[/\\]tput\.js$/}, async found => {
			const description = await readFile(path.join(path.dirname(found.path), '../usr/xterm'));
			const text = await readFile(found.path, 'utf8');
			const withoutSearch = mustReplace(text, 'file = path.normalize(this._prefix(term));', 'file = \'xterm\';', found.path);
			return {
				contents: mustReplace(withoutSearch, 'data = fs.readFileSync(file);', `data = Buffer.from('${description.toString('base64')}', 'base64');`, found.path),
				loader: 'js',
			};
		});
		build.onLoad({filter: /[/\\]drawille-blessed-contrib[/\\]index\.js$/}, async found => ({
			contents: mustReplace(await readFile(found.path, 'utf8'), 'new Buffer(', 'Buffer.alloc(', found.path),
			loader: 'js',
		}));
	},
};

/**
`await import('a-commonjs-package')` gives its named exports in Node, but only `default` once it is a chunk of its own. This
asks Node for the names and spells them out, so that source and bundle behave alike.
*/
const dynamicImportPlugin = {
	name: 'dynamic-import-of-commonjs',
	setup(build) {
		build.onResolve({filter: /^[@\w]/}, async found => {
			if (found.kind !== 'dynamic-import' || found.pluginData === 'resolving' || found.path.startsWith('node:')) {
				return undefined;
			}

			const resolved = await build.resolve(found.path, {kind: 'import-statement', resolveDir: found.resolveDir, importer: found.importer, pluginData: 'resolving'});
			if (resolved.errors.length > 0 || resolved.external || !await isCommonJs(resolved.path)) {
				return undefined;
			}

			return {path: resolved.path, namespace: 'commonjs-import'};
		});
		build.onLoad({filter: /.*/, namespace: 'commonjs-import'}, async found => {
			const names = Object.keys(await import(pathToFileURL(found.path).href)).filter(name => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default' && name !== '__esModule');
			const lines = names.map((name, index) => `const export${index} = all[${JSON.stringify(name)}];\nexport {export${index} as ${name}};`);
			return {contents: `import all from ${JSON.stringify(found.path)};\nexport default all;\n${lines.join('\n')}\n`, loader: 'js', resolveDir: path.dirname(found.path)};
		});
	},
};

const isCommonJs = async file => {
	if (!/\.c?js$/.test(file) || file.endsWith('.cjs')) {
		return file.endsWith('.cjs');
	}

	for (let directory = path.dirname(file); directory !== path.dirname(directory); directory = path.dirname(directory)) {
		const description = path.join(directory, 'package.json');
		if (existsSync(description)) {
			return JSON.parse(await readFile(description, 'utf8')).type !== 'module';
		}
	}

	return true;
};

/**
A text that ships with the program is written in source as `new URL('./page.md', import.meta.url)`; here it becomes a `data:` address, as a worker does
and for the same reason.
*/
const textFilePlugin = {
	name: 'text-file',
	setup(build) {
		build.onLoad({filter: /[/\\]source[/\\]commands[/\\]runbooks\.ts$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			const pattern = /new URL\(\s*'(\.\.?\/[^']+\.md)',\s*import\.meta\.url\s*\)/g;
			let contents = text;
			const watchFiles = [];
			for (const [whole, relative] of text.matchAll(pattern)) {
				const file = path.resolve(path.dirname(found.path), relative);
				watchFiles.push(file);
				const bytes = await readFile(file);
				contents = contents.replace(whole, () => `new URL('data:text/markdown;base64,${bytes.toString('base64')}')`);
			}

			if (watchFiles.length === 0) {
				throw new Error(`${found.path} no longer names its texts as it did: its plugin must be looked at again.`);
			}

			return {contents, loader: 'ts', watchFiles};
		});
	},
};

/**
A drill's scenario is written in source as `new URL('./name.yaml', import.meta.url)`; here it is read and checked by the program's own reader, and becomes a
`data:` address of JSON: no YAML is read where a drill begins, and a wrong scenario does not build.
*/
const drillPlugin = bundleWorker => ({
	name: 'drill',
	setup(build) {
		build.onLoad({filter: /[/\\]source[/\\]commands[/\\]drill[/\\]library\.ts$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			const reader = await bundleWorker(path.resolve(path.dirname(found.path), '../../config/drill-file.ts'));
			const {parseDrill} = await import(`data:text/javascript;base64,${Buffer.from(reader).toString('base64')}`);
			const watchFiles = [];
			let contents = text;
			for (const [whole, relative, name] of text.matchAll(/new URL\('(\.\.\/\.\.\/drills\/([\w-]+)\.yaml)', import\.meta\.url\)/g)) {
				const file = path.resolve(path.dirname(found.path), relative);
				watchFiles.push(file);
				const parsed = parseDrill(await readFile(file, 'utf8'), file, name);
				if (!parsed.ok) {
					return {errors: parsed.problems.map(({line, column, code, path: entry}) => ({text: `${code} ${entry}`, location: {file, line, column: column - 1}}))};
				}

				contents = contents.replace(whole, () => `new URL('data:application/json;base64,${Buffer.from(JSON.stringify(parsed.scenario)).toString('base64')}')`);
			}

			if (watchFiles.length === 0) {
				throw new Error(`${found.path} no longer names its scenarios as it did: its plugin must be looked at again.`);
			}

			return {contents, loader: 'ts', watchFiles};
		});
	},
});

/**
A worker is written in source as `new Worker(new URL('./worker.ts', import.meta.url))`, which TypeScript, tsx and Node all
understand. Here the worker is bundled by itself and the URL becomes a `data:` one, so that the program needs no second file:
neither in `dist/` nor in the single executable.
*/
const workerPlugin = bundleWorker => ({
	name: 'worker',
	setup(build) {
		build.onLoad({filter: /\.tsx?$/}, async found => {
			const text = await readFile(found.path, 'utf8');
			const pattern = /new URL\(\s*['"](\.\.?\/[^'"]+\.ts)['"]\s*,\s*import\.meta\.url\s*,?\s*\)/g;
			let contents = text;
			const watchFiles = [];
			for (const [whole, relative] of text.matchAll(pattern)) {
				const entry = path.resolve(path.dirname(found.path), relative);
				watchFiles.push(entry);
				const code = await bundleWorker(entry);
				contents = contents.replace(whole, () => `new URL('data:text/javascript;base64,${Buffer.from(code).toString('base64')}')`);
			}

			return watchFiles.length === 0 ? undefined : {contents, loader: found.path.endsWith('x') ? 'tsx' : 'ts', watchFiles};
		});
	},
});

export const pluginsFor = bundleWorker => [yogaPlugin, inkOutputPlugin, stringWidthPlugin, plainTextPlugin, readableStreamPlugin, dockerModemPlugin, markdownPlugin, unusedPackagesPlugin, devtoolsPlugin, blessedPlugin, dynamicImportPlugin, textFilePlugin, drillPlugin(bundleWorker), workerPlugin(bundleWorker)];
