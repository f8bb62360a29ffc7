/**
Replaces what must be there: every place of a string, or the first of an expression (whose groups `to` may name). A text of a package that no longer has it means
that whoever changes it here must look at it again; it throws with the file.
*/
export const mustReplace = (text, from, to, file) => {
	if (typeof from === 'string' ? !text.includes(from) : !from.test(text)) {
		throw new Error(`${file} no longer has “${from}”: its plugin must be looked at again.`);
	}

	return typeof from === 'string' ? text.replaceAll(from, () => to) : text.replace(from, to);
};
