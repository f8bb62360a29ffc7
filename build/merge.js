/*
Fewer files on the way to the first frame. esbuild makes a chunk of every set of parts that is shared in the same way: 47 files for the first frame, and
Node takes about half a millisecond for each beside its bytes (28 of 263 ms to the first frame, measured). Here the chunks that an entry always loads are put
into one file with it; what is loaded on first use only stays as it is.

Invariants: a chunk is in one file only, so that a module still exists once; an entry keeps its file and the names it exports; the files mean what they meant.
*/
import path from 'node:path';
import {build} from 'esbuild';

/** Like `import{a as b}from"./chunk-X.js";`, the only form in which esbuild's minified outputs import each other. */
const importOfOutput = /import(?:\{(?<names>[^{}]*)\}from)?"(?<from>\.{1,2}\/[^"]+\.js)";/g;

/** The outputs that come along whenever `entry` is loaded, itself among them. */
const alwaysLoaded = (outputs, entry, reached = new Set()) => {
	if (!reached.has(entry)) {
		reached.add(entry);
		for (const {path: imported, kind, external} of outputs[entry].imports) {
			if (kind === 'import-statement' && !external) {
				alwaysLoaded(outputs, imported, reached);
			}
		}
	}

	return reached;
};

/** Which chunk goes into whose file: into that of the first entry that always loads it. The first entry itself stays small and gets a file beside it. */
const placesOf = (outputs, entries) => {
	const places = new Map();
	for (const [index, entry] of entries.entries()) {
		const host = index === 0 ? path.posix.join(path.posix.dirname(entry), 'chunks/base.js') : entry;
		for (const output of alwaysLoaded(outputs, entry)) {
			if (!places.has(output) && (output !== entry || index > 0)) {
				places.set(output, host);
			}
		}
	}

	return places;
};

/**
Merges the outputs of a build with code splitting. `outputs` is the metafile's (with paths relative to `directory`), `texts` the text of each, `entries` the
sources of the entries, the program's own first, in the order in which they are loaded; those that the build does not have are passed over. Answers with the texts of all files
that are left, by path. Throws when an output imports another in a form that is not known here.
*/
export const mergeOutputs = async ({outputs, texts, entries, directory, options}) => {
	const paths = Object.keys(outputs);
	const present = entries.map(entry => paths.find(output => outputs[output].entryPoint === entry)).filter(output => output !== undefined);
	const places = placesOf(outputs, present);
	const hosts = new Set(places.values());
	const moved = [...places].filter(([output, host]) => output !== host).map(([output]) => output);
	const marks = new Map(moved.map((output, index) => [output, `m${index}_`]));
	const relative = (from, to) => {
		const way = path.posix.relative(path.posix.dirname(from), to);
		return way.startsWith('.') ? way : `./${way}`;
	};

	/** The text as it is written at `at`, with imports from moved outputs turned to where these are now; inside a merged file they keep their way. */
	const turned = output => {
		const at = places.get(output) ?? output;
		const text = texts.get(output).replaceAll(importOfOutput, (...match) => {
			const {names, from} = match.at(-1);
			const target = path.posix.join(path.posix.dirname(output), from);
			const host = places.get(target) ?? target;
			if (host === at) {
				return `import${names === undefined ? '' : `{${names}}from`}${JSON.stringify(target)};`;
			}

			const mark = marks.get(target) ?? '';
			const marked = names?.split(',').map(name => name.includes(' as ') ? mark + name : `${mark}${name} as ${name}`);
			return `import${marked === undefined ? '' : `{${marked.join(',')}}from`}${JSON.stringify(relative(at, host))};`;
		});
		const known = outputs[output].imports.filter(({kind, external}) => kind === 'import-statement' && !external).length;
		if ([...texts.get(output).matchAll(importOfOutput)].length !== known) {
			throw new Error(`${output} imports another output in a form that the build does not know.`);
		}

		return text;
	};

	const mergedText = async host => {
		const inside = [...places].filter(([, place]) => place === host).map(([output]) => output);
		const root = inside.map(output => {
			const names = outputs[output].exports.map(name => `${name} as ${marks.get(output) ?? ''}${name}`);
			return names.length === 0 ? `import${JSON.stringify(output)};` : `export{${names.join(',')}}from${JSON.stringify(output)};`;
		}).join('');
		const built = await build({
			...options, bundle: true, splitting: false, metafile: false, write: false, banner: {}, outfile: path.join(directory, host),
			stdin: {contents: root, resolveDir: directory},
			plugins: [{
				name: 'outputs',
				setup(build) {
					build.onResolve({filter: /.*/}, found => inside.includes(found.path) && found.kind === 'import-statement' ? {path: found.path, namespace: 'output'} : {path: found.path, external: true});
					build.onLoad({filter: /.*/, namespace: 'output'}, found => ({contents: turned(found.path), loader: 'js'}));
				},
			}],
		});
		return built.outputFiles[0].text;
	};

	const left = new Map();
	for (const output of paths) {
		if (!places.has(output)) {
			left.set(output, turned(output));
		} else if (outputs[output].entryPoint !== undefined && marks.has(output)) {
			// Loaded by name somewhere: the name stays, and leads to where its content is.
			left.set(output, `export{${outputs[output].exports.map(name => `${marks.get(output)}${name} as ${name}`).join(',')}}from${JSON.stringify(relative(output, places.get(output)))};`);
		}
	}

	for (const host of hosts) {
		left.set(host, await mergedText(host));
	}

	return left;
};
