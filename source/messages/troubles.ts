/**
What stands against an action, or is to be known before `y`: a sentence for each trouble, in both languages.
*/

import type {Trouble} from '../core/actions.ts';
import {questionName} from './action-titles.ts';
import type {Formatter} from './format.ts';
import type {Area} from './language.ts';

type Parameters = Readonly<Record<string, string>>;

/** How numbers in parameters are written. */
export type Tell = {readonly bytes: (value: string | undefined) => string; readonly ago: (atMs: string | undefined) => string};

const text = (value: string | undefined): string => value ?? '';

const gitSentence: Area<(code: string, tool: string, detail: string, path: string) => string> = {
	en: (code, tool, detail, path) => tool === 'git' ? 'git is not installed here: sudo apt install git, or roll back to an image (I).'
		: code === 'not-found' ? `${path} is no git checkout: roll back to an image (I).`
			: code === 'denied' ? `git may not read ${path}: ${detail}`
				: code === 'timed-out' ? `git did not answer in time for ${path}.` : `git failed: ${detail}`,
	'pt-BR': (code, tool, detail, path) => tool === 'git' ? 'O git não está instalado aqui: sudo apt install git, ou volte para uma imagem (I).'
		: code === 'not-found' ? `${path} não é um checkout do git: volte para uma imagem (I).`
			: code === 'denied' ? `O git não pode ler ${path}: ${detail}`
				: code === 'timed-out' ? `O git não respondeu a tempo em ${path}.` : `O git falhou: ${detail}`,
};

/** What the other generation makes anew; nothing where it calls no `up`. */
const otherReach: Area<Readonly<Record<string, string>>> = {
	en: {service: ', which recreates the service', dependencies: ', which recreates the service and what it depends on', project: ', which recreates every service, the database included'},
	'pt-BR': {service: ', que recria o serviço', dependencies: ', que recria o serviço e aquilo de que ele depende', project: ', que recria todos os serviços, o banco inclusive'},
};

/** What stands against an action, or is to be known before `y`. */
export const troubleSentence: Area<Readonly<Record<Trouble['code'], (params: Parameters, tell: Tell) => string>>> = {
	en: {
		'read-only': () => 'This console is read-only.',
		'engine-down': () => 'The Docker engine does not answer.',
		'no-project': () => 'No project is chosen.',
		'no-directory': () => 'The containers do not tell the project\'s directory; name it in the configuration.',
		'no-compose': () => 'Neither docker-compose nor docker compose can be run here.',
		'compose-silent': ({tool, code, detail}) => `${text(tool)} is here, but ${text(code) === 'timed-out' ? 'did not answer in time' : `could not be asked${text(detail) === '' ? '' : ` (${text(detail)})`}`}. The console asks again every 30 s; see by hand: ${text(tool)} version`,
		'unknown-service': ({service}) => `The project has no service ${text(service)}.`,
		'hidden-characters': () => 'The command has control or invisible characters.',
		'already-running': ({actor}) => `Another command runs on this target${text(actor) === '' ? '' : `, started by ${text(actor)}`}.`,
		'still-looking': () => 'Still looking which Compose is here…',
		'other-compose': ({made, command, reach}) => `The stack was made by Compose ${text(made)}; here is only ${text(command)}${otherReach.en[text(reach)] ?? ''}.`,
		'would-recreate': ({services}) => `The definition changed: it recreates ${text(services)}.`,
		'compare-failed': ({detail}) => `Whether it recreates something could not be found out${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		comparing: () => 'Asking Compose what it would recreate…',
		'paused-not-healed': ({service}) => `${text(service)} is paused: up -d leaves it so. Restart heals it.`,
		'nothing-to-restart': ({service}) => `There is no container of ${text(service)} to restart; start it instead.`,
		'already-healthy': ({service}) => `${text(service)} answers well right now.`,
		'dependency-down': ({services}) => `Not running, and needed: ${text(services)}.`,
		'variable-missing': ({name, label}) => `It needs to know: ${questionName('en', text(name), text(label))}. y asks.`,
		'variable-refused': ({name, label}) => `This is no answer to: ${questionName('en', text(name), text(label))}. y asks again.`,
		'variables-blanked': ({names, services}) => `${text(services)} would be recreated without a value for ${text(names)}, which only the deployer's shell had: put it into .env first.`,
		'replica-differs': ({service}) => `The definition changed: a new container of ${text(service)} is made by it, and those that run stay as they are.`,
		'replica-blanked': ({names, service}) => `A new container of ${text(service)} would have no value for ${text(names)}, which only the deployer's shell had: put it into .env first.`,
		'replica-unknown': ({detail}) => `Whether a new container would be made like those that run could not be found out${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		'variables-unset': ({names}) => `Not set here: ${text(names)}. Whether the containers have values for them could not be found out.`,
		looking: () => 'Still looking up what this card needs to know…',
		'look-failed': ({what, detail}) => `Could not find out (${text(what)})${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		'not-entered': ({service, state}) => `${text(service)} cannot be entered: it is ${text(state)}.`,
		'disk-tight': ({mount, bytes}, tell) => `Only ${tell.bytes(bytes)} free on ${text(mount)}: a build may fill it. L and P free space.`,
		'redis-kept': () => 'Redis saves to disk before it stops: nothing is lost.',
		'redis-lost': ({keys}) => `Redis saves nothing to disk: its ${text(keys)} key(s) are lost (cache, sessions, queues). They do not come back.`,
		'redis-unknown': () => 'What Redis has not saved could not be found out: take it as lost.',
		'port-fixed': ({service, port}) => `${text(service)} publishes port ${text(port)} of the host, which only one container can hold: it cannot be scaled up.`,
		'ports-too-few': ({service, first, last, room}) => `${text(service)} publishes ports ${text(first)}–${text(last)} of the host, of which ${text(room)} can be used: no more than ${text(room)} of it can run.`,
		'ports-enough': ({service, first, last, room}) => `${text(service)} shares out ports ${text(first)}–${text(last)} of the host: up to ${text(room)} of it can run.`,
		'same-scale': ({count}) => `That many run already: ${text(count)}. v changes it.`,
		'no-backup': () => 'There is no backup in that directory yet.',
		'last-backup': ({atMs, bytes}, tell) => `The last backup is from ${tell.ago(atMs)}, ${tell.bytes(bytes)}.`,
		'database-size': ({bytes}, tell) => `The database takes ${tell.bytes(bytes)}; the compressed dump is usually much smaller.`,
		'backup-none': () => 'There is no backup of the database. v makes one the first step (BACKUP_FIRST = yes).',
		'backup-offered': ({atMs}, tell) => `The last backup is from ${tell.ago(atMs)}. v makes a new one the first step (BACKUP_FIRST = yes).`,
		'nothing-to-remove': () => 'Nothing matches: nothing would go. v changes what is looked for.',
		'with-sudo': () => 'Some of it needs root: it runs with sudo -n, which asks for no password.',
		'needs-root': ({path}) => `Needs root: ${text(path)} cannot be written, and sudo wants a password here. Run the console with sudo.`,
		'full-elsewhere': ({mount, directory}) => `The full disk is ${text(mount)}, and ${text(directory)} does not lie on it: v changes the directory.`,
		'logs-proposed': ({service, directory, instead}) => `The full disk is not that of ${text(instead)}: proposed instead is ${text(directory)}, where ${text(service)} writes its logs. v changes it.`,
		'prune-keeps': ({count, project}) => `Kept: ${text(count)} stopped container(s) or image(s) that ${text(project)} or a rollback may need. Named images always stay.`,
		'git-failed': ({code, tool, detail, path}) => gitSentence.en(text(code), text(tool), text(detail), text(path)),
		'commit-here': () => 'This commit is checked out already: it would only build and start again.',
		'commit-unlisted': () => 'This commit is not among the last ones: what changed since is not known.',
		'migration-between': ({files, count}) => `${text(count)} database migration(s) lie in between (${text(files)}) and are not undone: the old code runs on the new schema, and flask db upgrade fails until you come back.`,
		'tree-dirty': ({count, files}) => `${text(count)} file(s) were changed on the server (${text(files)}): git stash keeps them as a step of its own; git stash pop brings them back.`,
		'head-detached': ({hash}) => `No branch is checked out (detached at ${text(hash)}): somebody has rolled back before.`,
		'history-shallow': () => 'A shallow clone: older commits are not here.',
		'has-submodules': () => 'The project has submodules: they are updated too, which may need the network.',
		'foreign-owner': () => 'The directory belongs to another user: git is told to trust it, and its hooks are not run.',
		'image-unnamed': ({service}) => `The image of ${text(service)} has no name that another one could take; roll back to a commit instead.`,
		'image-here': () => 'This image runs already.',
		'image-unsure': () => 'Nothing proves that this image is an earlier one of the service: the check after the swap will tell.',
		'nothing-recorded': () => 'No rollback was made here: there is nothing to go back to.',
		'way-back': ({atMs, ref, count}, tell) => `Back to the state of ${tell.ago(atMs)}${text(ref) === '' ? '' : `: ${text(ref)}`}; ${text(count)} service(s) get their image of then. What git stash keeps stays there.`,
		'card-gone': () => 'This card is not in the runbook any more.',
	},
	'pt-BR': {
		'read-only': () => 'Este console é só leitura.',
		'engine-down': () => 'O Docker não responde.',
		'no-project': () => 'Nenhum projeto escolhido.',
		'no-directory': () => 'Os containers não dizem o diretório do projeto; informe na configuração.',
		'no-compose': () => 'Nem docker-compose nem docker compose podem ser executados aqui.',
		'compose-silent': ({tool, code, detail}) => `${text(tool)} está aqui, mas ${text(code) === 'timed-out' ? 'não respondeu a tempo' : `não pôde ser consultado${text(detail) === '' ? '' : ` (${text(detail)})`}`}. O console pergunta de novo a cada 30 s; veja à mão: ${text(tool)} version`,
		'unknown-service': ({service}) => `O projeto não tem o serviço ${text(service)}.`,
		'hidden-characters': () => 'O comando tem caracteres de controle ou invisíveis.',
		'already-running': ({actor}) => `Outro comando roda neste alvo${text(actor) === '' ? '' : `, iniciado por ${text(actor)}`}.`,
		'still-looking': () => 'Ainda procurando qual Compose há aqui…',
		'other-compose': ({made, command, reach}) => `O stack foi criado pelo Compose ${text(made)}; aqui só há ${text(command)}${otherReach['pt-BR'][text(reach)] ?? ''}.`,
		'would-recreate': ({services}) => `A definição mudou: recria ${text(services)}.`,
		'compare-failed': ({detail}) => `Não foi possível saber se algo é recriado${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		comparing: () => 'Perguntando ao Compose o que seria recriado…',
		'paused-not-healed': ({service}) => `${text(service)} está pausado: up -d o deixa assim. Reiniciar resolve.`,
		'nothing-to-restart': ({service}) => `Não há container de ${text(service)} para reiniciar; inicie.`,
		'already-healthy': ({service}) => `${text(service)} responde bem agora.`,
		'dependency-down': ({services}) => `Fora do ar, e necessário: ${text(services)}.`,
		'variable-missing': ({name, label}) => `Falta saber: ${questionName('pt-BR', text(name), text(label))}. y pergunta.`,
		'variable-refused': ({name, label}) => `Isto não responde a: ${questionName('pt-BR', text(name), text(label))}. y pergunta de novo.`,
		'variables-blanked': ({names, services}) => `${text(services)} seria recriado sem valor para ${text(names)}, que só o shell de quem fez o deploy tinha: ponha antes no .env.`,
		'replica-differs': ({service}) => `A definição mudou: um container novo de ${text(service)} segue a nova, e os que estão rodando ficam como estão.`,
		'replica-blanked': ({names, service}) => `Um container novo de ${text(service)} ficaria sem valor para ${text(names)}, que só o shell de quem fez o deploy tinha: ponha antes no .env.`,
		'replica-unknown': ({detail}) => `Não foi possível saber se um container novo seria igual aos que estão rodando${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		'variables-unset': ({names}) => `Sem valor aqui: ${text(names)}. Não foi possível saber se os containers têm valores.`,
		looking: () => 'Ainda procurando o que este cartão precisa saber…',
		'look-failed': ({what, detail}) => `Não foi possível saber (${text(what)})${text(detail) === '' ? '.' : `: ${text(detail)}`}`,
		'not-entered': ({service, state}) => `Não dá para entrar em ${text(service)}: está ${text(state)}.`,
		'disk-tight': ({mount, bytes}, tell) => `Só ${tell.bytes(bytes)} livres em ${text(mount)}: um build pode encher. L e P liberam espaço.`,
		'redis-kept': () => 'O Redis salva em disco antes de parar: nada se perde.',
		'redis-lost': ({keys}) => `O Redis não salva nada em disco: as ${text(keys)} chave(s) se perdem (cache, sessões, filas). Não voltam.`,
		'redis-unknown': () => 'Não foi possível saber o que o Redis ainda não salvou: considere perdido.',
		'port-fixed': ({service, port}) => `${text(service)} publica a porta ${text(port)} da máquina, que só um container pode ter: não dá para escalar.`,
		'ports-too-few': ({service, first, last, room}) => `${text(service)} publica as portas ${text(first)}–${text(last)} da máquina, das quais ${text(room) === '1' ? '1 pode ser usada: não cabe' : `${text(room)} podem ser usadas: não cabem`} mais de ${text(room)}.`,
		'ports-enough': ({service, first, last, room}) => `${text(service)} divide as portas ${text(first)}–${text(last)} da máquina: cabem até ${text(room)}.`,
		'same-scale': ({count}) => `Já rodam tantos: ${text(count)}. v muda.`,
		'no-backup': () => 'Ainda não há backup nesse diretório.',
		'last-backup': ({atMs, bytes}, tell) => `O último backup é de ${tell.ago(atMs)}, ${tell.bytes(bytes)}.`,
		'database-size': ({bytes}, tell) => `O banco ocupa ${tell.bytes(bytes)}; o dump comprimido costuma ser bem menor.`,
		'backup-none': () => 'Não há backup do banco. v faz um como primeiro passo (BACKUP_FIRST = yes).',
		'backup-offered': ({atMs}, tell) => `O último backup é de ${tell.ago(atMs)}. v faz um novo como primeiro passo (BACKUP_FIRST = yes).`,
		'nothing-to-remove': () => 'Nada corresponde: nada sairia. v muda o que se procura.',
		'with-sudo': () => 'Parte disso precisa de root: roda com sudo -n, que não pede senha.',
		'needs-root': ({path}) => `Precisa de root: não dá para escrever em ${text(path)}, e aqui o sudo pede senha. Rode o console com sudo.`,
		'full-elsewhere': ({mount, directory}) => `O disco cheio é ${text(mount)}, e ${text(directory)} não fica nele: v muda o diretório.`,
		'logs-proposed': ({service, directory, instead}) => `O disco cheio não é o de ${text(instead)}: aqui vai ${text(directory)}, onde ${text(service)} grava os logs. v muda.`,
		'prune-keeps': ({count, project}) => `Ficam: ${text(count)} container(s) parado(s) ou imagem(ns) de que ${text(project)} ou um rollback pode precisar. Imagens com nome sempre ficam.`,
		'git-failed': ({code, tool, detail, path}) => gitSentence['pt-BR'](text(code), text(tool), text(detail), text(path)),
		'commit-here': () => 'Este commit já está no diretório: só faria o build e iniciaria de novo.',
		'commit-unlisted': () => 'Este commit não está entre os últimos: não se sabe o que mudou desde então.',
		'migration-between': ({files, count}) => `Há ${text(count)} migration(s) no meio (${text(files)}) que não são desfeitas: o código antigo roda no esquema novo, e flask db upgrade falha até você voltar.`,
		'tree-dirty': ({count, files}) => `${text(count)} arquivo(s) foram mudados no servidor (${text(files)}): git stash os guarda num passo próprio; git stash pop os traz de volta.`,
		'head-detached': ({hash}) => `Nenhum branch em uso (HEAD solto em ${text(hash)}): alguém já fez rollback antes.`,
		'history-shallow': () => 'Clone raso: commits mais antigos não estão aqui.',
		'has-submodules': () => 'O projeto tem submódulos: eles também são atualizados, o que pode precisar de rede.',
		'foreign-owner': () => 'O diretório é de outro usuário: o git é avisado para confiar nele, e os hooks dele não rodam.',
		'image-unnamed': ({service}) => `A imagem de ${text(service)} não tem um nome que outra possa assumir; volte para um commit.`,
		'image-here': () => 'Esta imagem já está rodando.',
		'image-unsure': () => 'Nada prova que esta imagem é uma anterior do serviço: a verificação depois da troca dirá.',
		'nothing-recorded': () => 'Nenhum rollback foi feito aqui: não há para onde voltar.',
		'way-back': ({atMs, ref, count}, tell) => `Volta ao estado de ${tell.ago(atMs)}${text(ref) === '' ? '' : `: ${text(ref)}`}; ${text(count)} serviço(s) recebem a imagem de então. O que o git stash guardou continua lá.`,
		'card-gone': () => 'Este cartão não está mais no runbook.',
	},
};

/** How a formatter writes the numbers of troubles. */
export const tellBy = (format: Formatter, nowMs: number): Tell => ({
	bytes: value => format.bytes(Number(value ?? 0)),
	ago: atMs => `${format.moment(Number(atMs ?? 0), nowMs)} (${format.ago(Math.max(0, nowMs - Number(atMs ?? 0)))})`,
});
