/**
What a failure means to the person at the keyboard: what happened, why, and what to do next. One entry per code of `ports.ts`, in
both languages, complete by the compiler. `params` come from the adapters and may be missing: every sentence stands without them.

Parameters in use: socket, host, path, version, apiVersion, floor, supported, scheme, deadlineMs, holder, action, tool, group, user,
status, error, waiting.
*/

import type {Failure, FailureCode} from '../core/ports.ts';
import type {Language} from './language.ts';

type Parameters = Readonly<Record<string, string | number>>;

export type FailureWords = {
	/** What happened, in one line without a final stop. */
	readonly title: string;
	/** Why that is so. */
	readonly why: string;
	/** What to do next; commands can be copied as they stand. */
	readonly remedy: string;
};

type Words = (params: Parameters) => FailureWords;

const text = (value: string | number | undefined): string => value === undefined ? '' : String(value);
const seconds = (deadlineMs: string | number | undefined): string => deadlineMs === undefined ? '' : `${Number(deadlineMs) / 1000} s`;
const engine = ({socket, host}: Parameters): string => text(socket ?? host) || '/var/run/docker.sock';
const after = (word: string, value: string | number | undefined): string => text(value) === '' ? '' : `${word}${text(value)}`;
const login = ({user}: Parameters): string => text(user) || '$USER';
const isRemote = ({host}: Parameters): boolean => text(host).startsWith('tcp:');

const en: Readonly<Record<FailureCode, Words>> = {
	'engine-missing': params => ({
		title: `No Docker engine found: ${engine(params)} does not exist`,
		why: 'Docker is not installed, not started, or listens somewhere else.',
		remedy: 'Start it: sudo systemctl start docker. Listens elsewhere: set DOCKER_HOST. Not installed: sudo apt install docker.io',
	}),
	'engine-not-running': params => ({
		title: `The Docker engine is not running: nobody answers at ${engine(params)}`,
		why: isRemote(params) ? 'The host refuses the connection.' : 'The socket is there, and nobody listens on it: the engine was stopped, or it crashed.',
		remedy: isRemote(params) ? 'Check the engine on that host, and DOCKER_HOST here' : 'Start it: sudo systemctl start docker. If it does not come up: sudo journalctl -u docker -n 50',
	}),
	'engine-denied': params => ({
		title: `Permission denied for the Docker socket ${engine(params)}`,
		why: `Only root and the members of group ${text(params['group']) || 'docker'} may use it.`,
		remedy: `sudo usermod -aG ${text(params['group']) || 'docker'} ${login(params)}, then log in again (or, for now: sudo mdc-console)`,
	}),
	'engine-hung': params => ({
		title: `The Docker engine does not answer${params['deadlineMs'] === undefined ? '' : ` within ${seconds(params['deadlineMs'])}`} at ${engine(params)}`,
		why: 'It accepts connections and says nothing: a stuck disk, no memory, or a deadlock. The containers mostly go on running.',
		remedy: 'Look first: sudo journalctl -u docker -n 50; df -h; dmesg | tail. Restart it only then: sudo systemctl restart docker (this may restart the containers)',
	}),
	'engine-too-old': params => ({
		title: `The Docker engine is too old: it speaks API ${text(params['apiVersion'] ?? params['version']) || '?'}, and at least ${text(params['floor'] ?? params['needed']) || '?'} is needed`,
		why: 'An older API lacks what the console reads.',
		remedy: 'Update Docker on this host; docker version shows what is installed',
	}),
	'engine-unsupported-host': params => ({
		title: `This kind of engine address cannot be used${after(': ', params['host'])}`,
		why: `DOCKER_HOST${after(' with ', params['scheme'])} is not spoken here; unix:// and tcp://host:port are.`,
		remedy: 'Run mdc-console on that server itself, or point DOCKER_HOST to a unix socket: export DOCKER_HOST=unix:///var/run/docker.sock',
	}),
	'not-found': params => ({
		title: params['tool'] === undefined ? `Not found${after(': ', params['path'])}` : `The program ${text(params['tool'])} is not installed`,
		why: params['tool'] === undefined ? 'It was removed, or never was there.' : 'It is not on the PATH.',
		remedy: params['tool'] === undefined ? 'Check the path, or look again: it may just have been removed' : `Install ${text(params['tool'])}, then try again; mdc-console doctor shows what else is missing`,
	}),
	denied: params => ({
		title: `Permission denied${after(': ', params['path'])}`,
		why: 'The user of this session has no right to it.',
		remedy: params['path'] === undefined ? 'Use a user who may, or sudo' : `See who may: ls -ld ${text(params['path'])}. Use such a user, or sudo`,
	}),
	'timed-out': params => ({
		title: `No answer in time${params['deadlineMs'] === undefined ? '' : ` (${seconds(params['deadlineMs'])})`}${after(': ', params['path'])}`,
		why: params['waiting'] === undefined ? 'The other side is slow or stuck; the host may be out of memory or its disk overloaded.' : `The disk does not take what is written; ${text(params['waiting'])} entries wait.`,
		remedy: 'It is tried again by itself. If it stays: look at load, memory and disk in the host pane',
	}),
	refused: params => ({
		title: `Connection refused${after(' by ', params['host'])}`,
		why: 'The host is there, and nothing listens on that port.',
		remedy: 'Check that the service runs and publishes that port',
	}),
	unreachable: params => ({
		title: `Not reachable${after(': ', params['host'])}`,
		why: `The name or the network on the way does not answer${params['error'] === undefined ? '' : ` (${text(params['error'])})`}.`,
		remedy: 'Check the address, DNS and the network: getent hosts NAME; ip route',
	}),
	malformed: params => ({
		title: `The answer makes no sense${after(': ', params['path'] ?? params['host'])}`,
		why: 'It is not what this kind of source says: another program may answer, or a file is damaged.',
		remedy: 'Check what stands there; the details show its own words',
	}),
	unsupported: params => ({
		title: params['supported'] === undefined ? `Not supported here${after(': ', params['path'])}` : `${text(params['path']) || 'The file'} was written by a newer mdc-console (format ${text(params['version'])}; this one knows ${text(params['supported'])})`,
		why: params['supported'] === undefined ? 'This system or this engine cannot do it.' : 'An older program must not write to it.',
		remedy: params['supported'] === undefined ? 'The details say what is missing; the rest of the console works without it' : 'Use the newer mdc-console',
	}),
	busy: params => ({
		title: `Somebody else is at it${text(params['holder']) === '' ? '' : `: ${text(params['holder'])}`}${text(params['action']) === '' ? '' : ` (${text(params['action'])})`}`,
		why: 'One change at a time on one target.',
		remedy: 'Watch it here, or wait until it has ended',
	}),
	cancelled: () => ({title: 'Cancelled', why: 'It was ended on request.', remedy: 'Start it again if it is still needed'}),
	'no-space': params => ({
		title: `No space left${after(' for ', params['path'])}`,
		why: 'The disk, its inodes or a quota are used up.',
		remedy: 'See where: df -h; df -i; sudo du -xh --max-depth=2 / | sort -h | tail. Do not prune while a container is stopped: that deletes it',
	}),
	'read-only': params => ({
		title: `Cannot be written${after(': ', params['path'])}`,
		why: 'The file system is read-only (perhaps after a disk error), or the console runs with --read-only.',
		remedy: 'Started with --read-only: leave it out. Else: dmesg | tail, and findmnt -o TARGET,OPTIONS',
	}),
	failed: params => ({
		title: `It failed${after(': ', params['path'] ?? params['host'])}${params['status'] === undefined ? '' : ` (status ${text(params['status'])})`}`,
		why: 'The details show what the other side said.',
		remedy: 'Read the details; mdc-console doctor checks the surroundings',
	}),
};

const ptBR: Readonly<Record<FailureCode, Words>> = {
	'engine-missing': params => ({
		title: `Nenhum Docker encontrado: ${engine(params)} não existe`,
		why: 'O Docker não está instalado, não foi iniciado ou escuta em outro lugar.',
		remedy: 'Inicie: sudo systemctl start docker. Escuta em outro lugar: defina DOCKER_HOST. Não instalado: sudo apt install docker.io',
	}),
	'engine-not-running': params => ({
		title: `O Docker não está rodando: ninguém responde em ${engine(params)}`,
		why: isRemote(params) ? 'O host recusa a conexão.' : 'O socket existe, mas ninguém escuta nele: o Docker foi parado ou caiu.',
		remedy: isRemote(params) ? 'Verifique o Docker naquele host, e o DOCKER_HOST aqui' : 'Inicie: sudo systemctl start docker. Se não subir: sudo journalctl -u docker -n 50',
	}),
	'engine-denied': params => ({
		title: `Permissão negada no socket do Docker ${engine(params)}`,
		why: `Só root e os membros do grupo ${text(params['group']) || 'docker'} podem usá-lo.`,
		remedy: `sudo usermod -aG ${text(params['group']) || 'docker'} ${login(params)}, depois entre de novo (ou, por agora: sudo mdc-console)`,
	}),
	'engine-hung': params => ({
		title: `O Docker não responde${params['deadlineMs'] === undefined ? '' : ` em ${seconds(params['deadlineMs'])}`} em ${engine(params)}`,
		why: 'Ele aceita conexões e não diz nada: disco travado, falta de memória ou um deadlock. Os containers em geral continuam rodando.',
		remedy: 'Olhe antes: sudo journalctl -u docker -n 50; df -h; dmesg | tail. Só então reinicie: sudo systemctl restart docker (isso pode reiniciar os containers)',
	}),
	'engine-too-old': params => ({
		title: `O Docker é antigo demais: fala a API ${text(params['apiVersion'] ?? params['version']) || '?'}, e é preciso pelo menos a ${text(params['floor'] ?? params['needed']) || '?'}`,
		why: 'Uma API mais antiga não tem o que o console lê.',
		remedy: 'Atualize o Docker deste host; docker version mostra o que está instalado',
	}),
	'engine-unsupported-host': params => ({
		title: `Este tipo de endereço do Docker não pode ser usado${after(': ', params['host'])}`,
		why: `DOCKER_HOST${after(' com ', params['scheme'])} não é falado aqui; unix:// e tcp://host:porta são.`,
		remedy: 'Rode o mdc-console no próprio servidor, ou aponte DOCKER_HOST para um socket unix: export DOCKER_HOST=unix:///var/run/docker.sock',
	}),
	'not-found': params => ({
		title: params['tool'] === undefined ? `Não encontrado${after(': ', params['path'])}` : `O programa ${text(params['tool'])} não está instalado`,
		why: params['tool'] === undefined ? 'Foi removido, ou nunca existiu.' : 'Não está no PATH.',
		remedy: params['tool'] === undefined ? 'Confira o caminho, ou olhe de novo: pode ter sido removido agora' : `Instale ${text(params['tool'])} e tente de novo; mdc-console doctor mostra o que mais falta`,
	}),
	denied: params => ({
		title: `Permissão negada${after(': ', params['path'])}`,
		why: 'O usuário desta sessão não tem direito a isso.',
		remedy: params['path'] === undefined ? 'Use um usuário que possa, ou sudo' : `Veja quem pode: ls -ld ${text(params['path'])}. Use um desses usuários, ou sudo`,
	}),
	'timed-out': params => ({
		title: `Sem resposta a tempo${params['deadlineMs'] === undefined ? '' : ` (${seconds(params['deadlineMs'])})`}${after(': ', params['path'])}`,
		why: params['waiting'] === undefined ? 'O outro lado está lento ou travado; o host pode estar sem memória ou com o disco sobrecarregado.' : `O disco não aceita o que se escreve; ${text(params['waiting'])} registros esperam.`,
		remedy: 'É tentado de novo sozinho. Se continuar: veja carga, memória e disco no painel do host',
	}),
	refused: params => ({
		title: `Conexão recusada${after(' por ', params['host'])}`,
		why: 'O host existe, mas nada escuta nessa porta.',
		remedy: 'Verifique se o serviço está rodando e publica essa porta',
	}),
	unreachable: params => ({
		title: `Inalcançável${after(': ', params['host'])}`,
		why: `O nome ou a rede no caminho não responde${params['error'] === undefined ? '' : ` (${text(params['error'])})`}.`,
		remedy: 'Verifique o endereço, o DNS e a rede: getent hosts NOME; ip route',
	}),
	malformed: params => ({
		title: `A resposta não faz sentido${after(': ', params['path'] ?? params['host'])}`,
		why: 'Não é o que esse tipo de fonte diz: talvez outro programa responda, ou um arquivo esteja danificado.',
		remedy: 'Verifique o que está lá; os detalhes mostram as palavras dele',
	}),
	unsupported: params => ({
		title: params['supported'] === undefined ? `Não há suporte aqui${after(': ', params['path'])}` : `${text(params['path']) || 'O arquivo'} foi escrito por um mdc-console mais novo (formato ${text(params['version'])}; este conhece ${text(params['supported'])})`,
		why: params['supported'] === undefined ? 'Este sistema ou este Docker não consegue fazer isso.' : 'Um programa mais antigo não pode escrever nele.',
		remedy: params['supported'] === undefined ? 'Os detalhes dizem o que falta; o resto do console funciona sem isso' : 'Use o mdc-console mais novo',
	}),
	busy: params => ({
		title: `Outra pessoa já está nisso${text(params['holder']) === '' ? '' : `: ${text(params['holder'])}`}${text(params['action']) === '' ? '' : ` (${text(params['action'])})`}`,
		why: 'Uma mudança por vez em cada alvo.',
		remedy: 'Acompanhe aqui, ou espere terminar',
	}),
	cancelled: () => ({title: 'Cancelado', why: 'Foi encerrado a pedido.', remedy: 'Comece de novo se ainda for preciso'}),
	'no-space': params => ({
		title: `Sem espaço${after(' para ', params['path'])}`,
		why: 'O disco, os inodes ou uma cota acabaram.',
		remedy: 'Veja onde: df -h; df -i; sudo du -xh --max-depth=2 / | sort -h | tail. Não use prune com um container parado: isso o apaga',
	}),
	'read-only': params => ({
		title: `Não é possível escrever${after(': ', params['path'])}`,
		why: 'O sistema de arquivos está somente leitura (talvez após um erro de disco), ou o console roda com --read-only.',
		remedy: 'Iniciado com --read-only: tire a opção. Senão: dmesg | tail, e findmnt -o TARGET,OPTIONS',
	}),
	failed: params => ({
		title: `Falhou${after(': ', params['path'] ?? params['host'])}${params['status'] === undefined ? '' : ` (status ${text(params['status'])})`}`,
		why: 'Os detalhes mostram o que o outro lado disse.',
		remedy: 'Leia os detalhes; mdc-console doctor verifica o ambiente',
	}),
};

const words: Readonly<Record<Language, Readonly<Record<FailureCode, Words>>>> = {en, 'pt-BR': ptBR};

/** What happened, why, and what to do next, for a failure of any port. Its `detail` (the outside's own words) is shown beside it. */
export const failureSentence = (language: Language, failure: Pick<Failure, 'code' | 'params'>): FailureWords => words[language][failure.code](failure.params ?? {});
