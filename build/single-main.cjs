/*
The main script inside the single executable: serves the program's modules from the executable's assets and starts it.
CommonJS, because Node allows nothing else here.
*/
'use strict';

process.env.NODE_ENV = 'production';

const {Module, registerHooks} = require('node:module');
const {getAsset} = require('node:sea');

const scheme = 'mdc-console:///';

registerHooks({
	resolve(specifier, context, next) {
		const fromUs = context.parentURL !== undefined && context.parentURL.startsWith(scheme);
		if (specifier.startsWith(scheme) || (fromUs && /^\.\.?\//.test(specifier))) {
			return {url: new URL(specifier, context.parentURL || scheme).href, format: 'module', shortCircuit: true};
		}

		return next(specifier, context);
	},
	load(url, context, next) {
		if (url.startsWith(scheme)) {
			return {format: 'module', source: getAsset(url.slice(scheme.length), 'utf8'), shortCircuit: true};
		}

		return next(url, context);
	},
});

// `import()` in this very file could reach Node's own modules only; in an ordinary CommonJS module it reaches the hooks.
const loader = new Module('/mdc-console.cjs');
loader._compile('module.exports = specifier => import(specifier);', '/mdc-console.cjs');

loader.exports(scheme + 'cli.js').catch(error => {
	process.stderr.write(String((error && error.stack) || error) + '\n');
	process.exitCode = 70;
});
