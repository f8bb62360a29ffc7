/**
What `mdc-console doctor` says: for each finding one line of what was found, and the remedy where something is off. Complete in both
languages by the compiler. `code` and `params` are also what `--json` keeps.
*/

import type {Language} from './language.ts';

type Parameters = Readonly<Record<string, string | number>>;
type Said = {readonly text: string; readonly remedy: string | null};
type Words = (params: Parameters) => Said;

export type DoctorArea =
	| 'engine' | 'permission' | 'project' | 'compose' | 'directory' | 'compose-file' | 'ports' | 'tools' | 'terminal' | 'state' | 'runtime'
	| 'logout' | 'clock' | 'configuration' | 'runbook' | 'alerts' | 'disk' | 'health-checks' | 'escalation' | 'backups';

export type DoctorCode =
	| 'engine-answers' | 'permission-given' | 'permission-unknown'
	| 'project-found' | 'project-none' | 'project-several' | 'project-unknown' | 'needs-engine' | 'needs-project'
	| 'compose-right' | 'compose-other' | 'compose-available' | 'compose-found' | 'compose-missing' | 'compose-silent'
	| 'directory-right' | 'directory-missing' | 'directory-denied' | 'directory-wrong' | 'directory-silent' | 'directory-unknown'
	| 'compose-file-right' | 'compose-file-wrong'
	| 'port-answers' | 'port-refused' | 'port-closes' | 'port-silent' | 'port-none'
	| 'tools-found' | 'tools-missing' | 'tools-optional'
	| 'terminal-right' | 'terminal-none' | 'terminal-small' | 'terminal-dumb' | 'terminal-not-utf8'
	| 'state-shared' | 'state-own' | 'state-not-writable' | 'state-absent'
	| 'runtime-shared' | 'runtime-own' | 'runtime-on-disk' | 'runtime-none'
	| 'logout-survives' | 'logout-kills' | 'logout-kills-all' | 'logout-removes' | 'logout-unknown'
	| 'clock-synchronised' | 'clock-alone' | 'clock-unknown'
	| 'configuration-right' | 'configuration-none' | 'configuration-wrong' | 'configuration-hidden'
	| 'channels-none' | 'channel-right' | 'channel-plain' | 'channel-secret' | 'timer-there' | 'timer-missing' | 'timer-no-linger'
	| 'authorities-right' | 'authorities-wrong'
	| 'runbook-right' | 'runbook-wrong'
	| 'disk-right' | 'disk-high' | 'disk-full' | 'disk-inodes' | 'disk-read-only' | 'disk-silent'
	| 'health-checks-right' | 'health-check-none' | 'health-check-shallow' | 'health-checks-none'
	| 'alerts-prometheus' | 'alerts-alertmanager' | 'alerts-no-data' | 'alerts-no-rule' | 'alerts-rule-fails' | 'alerts-failed'
	| 'backups-right' | 'backups-old' | 'backups-none' | 'backups-empty' | 'backups-partial'
	| 'no-answer';

const fine = (text: string): Said => ({text, remedy: null});
const t = (value: string | number | undefined): string => value === undefined ? '' : String(value);

const makeRuntime = 'echo "d /run/mdc-console 2770 root docker" | sudo tee /etc/tmpfiles.d/mdc-console.conf; sudo systemd-tmpfiles --create';

/** What the authorities port fails with; anything else is told in the system's own words. */
const whyUntrusted: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
	en: {'not-found': 'it does not exist', denied: 'it may not be read by you', malformed: 'it is not made of PEM certificates', 'timed-out': 'its disk does not answer'},
	'pt-BR': {'not-found': 'ele não existe', denied: 'você não pode lê-lo', malformed: 'não é feito de certificados PEM', 'timed-out': 'o disco dele não responde'},
};

const en: Readonly<Record<DoctorCode, Words>> = {
	'engine-answers': ({version, apiVersion, host}) => fine(`Docker ${t(version)} (API ${t(apiVersion)}) at ${t(host)}`),
	'permission-given': ({user}) => fine(`${t(user)} may use the engine`),
	'permission-unknown': () => fine('cannot tell while the engine does not answer'),
	'backups-right': ({directory, name, hours}) => fine(`newest in ${t(directory)}: ${t(name)}, ${t(hours)} h old`),
	'backups-old': ({directory, name, hours}) => ({text: `newest in ${t(directory)}: ${t(name)}, ${t(hours)} h old`, remedy: 'See why the backup job did not run: crontab -l, systemctl list-timers'}),
	'backups-none': ({directory}) => ({text: `no backup in ${t(directory)}`, remedy: 'Correct backups.directory in mdc-console.yaml, or see why the backup job did not run'}),
	'backups-empty': ({directory, name, bytes}) => ({text: `the newest in ${t(directory)} is empty: ${t(name)}, ${t(bytes)} bytes`, remedy: 'The dump failed: see what the backup job wrote, then make one'}),
	'backups-partial': ({directory}) => ({text: `${t(directory)} could not be looked at whole: only an old or an empty backup, or none, was seen`, remedy: `Look yourself: sudo ls -lt ${t(directory)}; name a directory of backups alone under backups.directory`}),
	'health-checks-right': ({count}) => fine(`${t(count)} services have one that asks the service itself`),
	'health-checks-none': () => fine('no service runs'),
	'health-check-none': ({service}) => ({text: `${t(service)} has none: the engine calls it well as long as its process lives`, remedy: 'Add a healthcheck that wants an answer, such as test: ["CMD", "curl", "-fsS", "-m", "4", "http://localhost:PORT/health"]'}),
	'health-check-shallow': ({service, command}) => ({text: `${t(service)}: "${t(command)}" only proves that a process lives`, remedy: 'Ask for an answer that needs what the service needs: a query, a page, a PING'}),
	'needs-engine': () => fine('cannot tell while the engine does not answer'),
	'needs-project': () => fine('cannot tell without a project'),
	'project-found': ({name, running, total}) => fine(`${t(name)}: ${t(running)} of ${t(total)} containers run`),
	'project-none': () => ({text: 'no Compose project on this engine', remedy: 'Start it (docker-compose up -d in its directory), or name its directory: mdc-console init --output /etc/mdc-console/mdc-console.yaml'}),
	'project-several': ({names}) => ({text: `several: ${t(names)}`, remedy: 'Say which: --project NAME, or "project:" in mdc-console.yaml; the console asks otherwise'}),
	'project-unknown': ({name, names}) => ({text: `${t(name)} is configured, and not on this engine${t(names) === '' ? '' : `; here are: ${t(names)}`}`, remedy: 'Correct "project:" in mdc-console.yaml, or start it'}),
	'compose-right': ({made, tool, version}) => fine(`containers made by Compose ${t(made)}; ${t(tool)} ${t(version)} is here`),
	'compose-other': ({made, tool, version}) => ({text: `containers made by Compose ${t(made)}, and only ${t(tool)} ${t(version)} is here`, remedy: `"up" by the other generation recreates containers. Install Compose ${t(made).startsWith('1.') ? 'v1: sudo apt install docker-compose' : 'v2: sudo apt install docker-compose-plugin'}`}),
	'compose-found': ({tool, version}) => fine(`${t(tool)} ${t(version)}`),
	'compose-available': ({tool, version}) => fine(`${t(tool)} ${t(version)}; the containers do not tell which made them`),
	'compose-missing': () => ({text: 'neither docker-compose nor docker compose is here', remedy: 'Install one: sudo apt install docker-compose'}),
	'compose-silent': ({tool, detail}) => ({text: `${t(tool)} is here and did not answer${t(detail) === '' ? '' : `: ${t(detail)}`}`, remedy: `No change can be run without. See by hand what it says: ${t(tool)} version`}),
	'directory-right': ({path}) => fine(t(path)),
	'directory-missing': ({path}) => ({text: `${t(path)} does not exist`, remedy: 'The containers were started from there: check the mount, or whether it was moved'}),
	'directory-denied': ({path}) => ({text: `${t(path)} may not be read by you`, remedy: `See who may: ls -ld ${t(path)}`}),
	'directory-wrong': ({path}) => ({text: `${t(path)} is not a directory`, remedy: 'Correct "directory:" in mdc-console.yaml'}),
	'directory-silent': ({path}) => ({text: `${t(path)} does not answer: a dead mount or a frozen disk`, remedy: 'See what it is on: findmnt -T (it may hang as well), and dmesg | tail'}),
	'directory-unknown': () => ({text: 'not told by any container', remedy: 'Put "directory:" into mdc-console.yaml'}),
	'compose-file-right': ({path, services}) => fine(`${t(path)} (${t(services)} services)`),
	'compose-file-wrong': ({path, why}) => ({text: `${t(path)}: ${t(why)}`, remedy: 'Check it: docker-compose config -q in that directory'}),
	'port-answers': ({service, port}) => fine(`${t(service)} answers at ${t(port)}`),
	'port-refused': ({service, port}) => ({text: `${t(service)} refuses connections at ${t(port)}`, remedy: `Look at its log: mdc-console, or docker-compose logs --tail=50 ${t(service)}`}),
	'port-closes': ({service, port}) => ({text: `${t(service)} at ${t(port)}: the engine accepts, and nothing behind it answers`, remedy: `The program in the container does not listen on that port: docker-compose logs --tail=50 ${t(service)}`}),
	'port-silent': ({service, port}) => ({text: `${t(service)} does not answer at ${t(port)} in time`, remedy: 'A firewall, or a stuck container: sudo iptables -L DOCKER -n'}),
	'port-none': () => fine('no running container publishes one'),
	'tools-found': ({names}) => fine(t(names)),
	'tools-missing': ({names, packages}) => ({text: `missing: ${t(names)}`, remedy: `No change can be run without: sudo apt install ${t(packages)}`}),
	'tools-optional': ({names, packages}) => ({text: `not here: ${t(names)}`, remedy: `Some of the runbook's commands need it: sudo apt install ${t(packages)}`}),
	'terminal-right': ({term, columns, rows, colours}) => fine(`${t(term)}, ${t(columns)}×${t(rows)}, UTF-8, ${t(colours)} colours`),
	'terminal-none': () => ({text: 'the output is not a terminal', remedy: 'The console needs one (ssh -t); mdc-console status works without'}),
	'terminal-small': ({columns, rows}) => ({text: `${t(columns)}×${t(rows)} is small`, remedy: 'At least 60×15; 80×24 shows all panes, 140×40 shows them well'}),
	'terminal-dumb': ({term}) => ({text: `TERM is ${t(term) === '' ? 'not set' : t(term)}`, remedy: 'export TERM=xterm-256color'}),
	'terminal-not-utf8': ({locale}) => ({text: `the locale (${t(locale) === '' ? 'not set' : t(locale)}) is not UTF-8: drawn in ASCII`, remedy: 'export LANG=C.UTF-8'}),
	'state-shared': ({path}) => fine(`${t(path)}, shared by all who can use the engine`),
	'state-own': ({path, shared}) => ({text: `${t(path)}, yours alone: colleagues do not see your incidents`, remedy: `Make ${t(shared)}: sudo mdc-console init --state`}),
	'state-not-writable': ({path, group}) => ({text: `${t(path)} may not be written by you`, remedy: `Join its group, then log in again: sudo usermod -aG ${t(group) || 'docker'} $USER. Wrong mode: sudo mdc-console init --state`}),
	'state-absent': ({path}) => ({text: `no place for incidents: ${t(path)} cannot be made`, remedy: 'sudo mdc-console init --state'}),
	'runtime-shared': ({path}) => fine(`${t(path)}, shared`),
	'runtime-own': ({path}) => ({text: `${t(path)}, yours alone: a colleague could start the same change at the same time`, remedy: makeRuntime}),
	'runtime-on-disk': ({path}) => ({text: `${t(path)} is on a disk, which may be what is full`, remedy: 'Mount a tmpfs there, or see that /run or /dev/shm can be written'}),
	'runtime-none': () => ({text: 'no place for running changes can be written, so none can be run', remedy: makeRuntime}),
	'logout-removes': ({user}) => ({text: 'logind removes your files in /dev/shm at logout (RemoveIPC): the outcome of a running change may be lost', remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}, or RemoveIPC=no in /etc/systemd/logind.conf`}),
	'logout-kills-all': () => ({text: 'logind kills what is left at logout (KillUserProcesses), and systemd-run is not here: a change would die with the connection', remedy: 'KillUserProcesses=no in /etc/systemd/logind.conf, then: sudo systemctl restart systemd-logind'}),
	'logout-survives': () => fine('a running change survives a cut connection'),
	'logout-kills': ({user}) => ({text: 'logind kills what is left at logout (KillUserProcesses): a change would die with the connection', remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}, or KillUserProcesses=no in /etc/systemd/logind.conf`}),
	'channels-none': () => fine('no service is configured for messages: the escalation\'s texts are there to be copied (escalation.channels)'),
	'channel-right': ({channel}) => fine(`${t(channel)}: configured, its secret is there (nothing was sent)`),
	'channel-plain': ({channel}) => fine(`${t(channel)}: configured, needs no secret`),
	'channel-secret': ({channel, why}) => ({text: `${t(channel)}: its secret cannot be read: ${t(why)}`, remedy: 'Set the variable, or put the secret into a file that only you can read'}),
	'timer-there': ({names}) => fine(`unattended: ${t(names)}, by a timer of systemd`),
	'timer-no-linger': ({names, user}) => ({text: `unattended: ${t(names)}, but the timers of ${t(user)} end with the last session: with no console open nobody is paged`, remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}`}),
	'timer-missing': ({names}) => ({text: `unattended: ${t(names)}, but no systemd runs here: with no console open nobody is paged`, remedy: 'Page from your alerting as well'}),
	'logout-unknown': () => fine('cannot tell whether logind kills what is left at logout'),
	'clock-synchronised': () => fine('synchronised'),
	'clock-alone': () => ({text: 'not synchronised: times of incidents may be wrong', remedy: 'sudo timedatectl set-ntp true'}),
	'clock-unknown': () => fine('cannot tell whether it is synchronised'),
	'configuration-right': ({path}) => fine(t(path)),
	'authorities-right': ({path, count}) => fine(`${t(path)}: ${Number(count) === 1 ? '1 certificate authority' : `${t(count)} certificate authorities`} of your own`),
	'authorities-wrong': ({path, why, detail}) => ({text: `${t(path)} (tls.ca) holds no certificates that can be read: ${whyUntrusted.en[t(why)] ?? (t(detail) || t(why))}`, remedy: 'Name a file of PEM certificates under "tls: {ca: …}" that this user can read'}),
	'configuration-none': () => fine('none; the defaults of the runbook apply (mdc-console init writes one)'),
	'configuration-wrong': ({path, count}) => ({text: `${t(path)}: ${t(count) === '1' ? 'one problem' : `${t(count)} problems`}`, remedy: 'Correct what is listed, then run this again'}),
	'configuration-hidden': ({path}) => ({text: `cannot tell whether there is ${t(path)}: its directory may not be entered`, remedy: 'Give its path by --config, or sudo'}),
	'runbook-right': ({path}) => fine(t(path)),
	'runbook-wrong': ({path, why}) => ({text: `${t(path)} cannot be used (${t(why)})`, remedy: 'Correct "runbook:" in mdc-console.yaml; a relative path counts from that file'}),
	'disk-right': ({mount, used, free}) => fine(`${t(mount)} ${t(used)} used, ${t(free)} free`),
	'disk-high': ({mount, used, free}) => ({text: `${t(mount)} ${t(used)} used, ${t(free)} free`, remedy: `See what takes it: sudo du -xh --max-depth=2 ${t(mount)} | sort -h | tail`}),
	'disk-full': ({mount, used, free}) => ({text: `${t(mount)} ${t(used)} used, ${t(free)} free`, remedy: `Free space now: sudo du -xh --max-depth=2 ${t(mount)} | sort -h | tail. No prune while a container is stopped: it deletes it`}),
	'disk-inodes': ({mount, used}) => ({text: `${t(mount)}: ${t(used)} of its inodes used (too many files)`, remedy: `See where: sudo du -x --inodes --max-depth=2 ${t(mount)} | sort -n | tail`}),
	'disk-read-only': ({mount}) => ({text: `${t(mount)} is mounted read-only`, remedy: 'Perhaps after an error: dmesg | tail'}),
	'disk-silent': ({mount}) => ({text: `${t(mount)} does not answer`, remedy: 'A dead network mount or a frozen disk: dmesg | tail'}),
	'alerts-prometheus': ({url, query, rule}) => fine(`Prometheus at ${t(url)} has ${t(query)} and the rule ${t(rule)}`),
	'alerts-alertmanager': ({url, matchers}) => fine(`Alertmanager at ${t(url)} answers (${t(matchers)})`),
	'alerts-no-data': ({query}) => ({text: `Prometheus finds no series for ${t(query)}: that is not "healthy", and the alert cannot fire`, remedy: 'Correct alerts.prometheus.query in mdc-console.yaml, or the scrape job (Prometheus, Status → Targets)'}),
	'alerts-no-rule': ({rule}) => ({text: `Prometheus has no alerting rule ${t(rule)}: it pages nobody, and an outage's true start is not known`, remedy: 'Correct alerts.prometheus.rule in mdc-console.yaml, or add the rule (Prometheus, Status → Rules)'}),
	'alerts-rule-fails': ({rule, detail}) => ({text: `Prometheus cannot evaluate ${t(rule)}: ${t(detail)}`, remedy: 'Correct the rule: promtool check rules FILE'}),
	'alerts-failed': ({source, url, why}) => ({text: `${t(source)} at ${t(url)}: ${t(why)}`, remedy: 'See that it runs, and check url and token under "alerts:" in mdc-console.yaml'}),
	'no-answer': ({seconds}) => fine(`no answer within ${t(seconds)} s`),
};

const ptBR: Readonly<Record<DoctorCode, Words>> = {
	'engine-answers': ({version, apiVersion, host}) => fine(`Docker ${t(version)} (API ${t(apiVersion)}) em ${t(host)}`),
	'permission-given': ({user}) => fine(`${t(user)} pode usar o Docker`),
	'permission-unknown': () => fine('não dá para saber enquanto o Docker não responde'),
	'backups-right': ({directory, name, hours}) => fine(`mais novo em ${t(directory)}: ${t(name)}, de ${t(hours)} h atrás`),
	'backups-old': ({directory, name, hours}) => ({text: `mais novo em ${t(directory)}: ${t(name)}, de ${t(hours)} h atrás`, remedy: 'Veja por que o job de backup não rodou: crontab -l, systemctl list-timers'}),
	'backups-none': ({directory}) => ({text: `nenhum backup em ${t(directory)}`, remedy: 'Corrija backups.directory no mdc-console.yaml, ou veja por que o job de backup não rodou'}),
	'backups-empty': ({directory, name, bytes}) => ({text: `o mais novo em ${t(directory)} está vazio: ${t(name)}, ${t(bytes)} bytes`, remedy: 'O dump falhou: veja o que o job de backup escreveu e depois faça um'}),
	'backups-partial': ({directory}) => ({text: `não foi possível ver ${t(directory)} por inteiro: só se viu um backup antigo, um vazio ou nenhum`, remedy: `Veja você mesmo: sudo ls -lt ${t(directory)}; indique em backups.directory um diretório só de backups`}),
	'health-checks-right': ({count}) => fine(`${t(count)} serviços têm um que pergunta ao próprio serviço`),
	'health-checks-none': () => fine('nenhum serviço está rodando'),
	'health-check-none': ({service}) => ({text: `${t(service)} não tem: para o Docker está bem enquanto o processo vive`, remedy: 'Inclua um healthcheck que peça uma resposta, como test: ["CMD", "curl", "-fsS", "-m", "4", "http://localhost:PORTA/health"]'}),
	'health-check-shallow': ({service, command}) => ({text: `${t(service)}: "${t(command)}" só prova que um processo vive`, remedy: 'Peça uma resposta que precise do que o serviço precisa: uma consulta, uma página, um PING'}),
	'needs-engine': () => fine('não dá para saber enquanto o Docker não responde'),
	'needs-project': () => fine('não dá para saber sem um projeto'),
	'project-found': ({name, running, total}) => fine(`${t(name)}: ${t(running)} de ${t(total)} containers rodando`),
	'project-none': () => ({text: 'nenhum projeto do Compose neste Docker', remedy: 'Inicie-o (docker-compose up -d no diretório dele), ou indique o diretório: mdc-console init --output /etc/mdc-console/mdc-console.yaml'}),
	'project-several': ({names}) => ({text: `vários: ${t(names)}`, remedy: 'Diga qual: --project NOME, ou "project:" no mdc-console.yaml; senão o console pergunta'}),
	'project-unknown': ({name, names}) => ({text: `${t(name)} está configurado, mas não está neste Docker${t(names) === '' ? '' : `; aqui há: ${t(names)}`}`, remedy: 'Corrija "project:" no mdc-console.yaml, ou inicie o projeto'}),
	'compose-right': ({made, tool, version}) => fine(`containers feitos pelo Compose ${t(made)}; ${t(tool)} ${t(version)} está aqui`),
	'compose-other': ({made, tool, version}) => ({text: `containers feitos pelo Compose ${t(made)}, e aqui só há ${t(tool)} ${t(version)}`, remedy: `"up" pela outra geração recria containers. Instale o Compose ${t(made).startsWith('1.') ? 'v1: sudo apt install docker-compose' : 'v2: sudo apt install docker-compose-plugin'}`}),
	'compose-found': ({tool, version}) => fine(`${t(tool)} ${t(version)}`),
	'compose-available': ({tool, version}) => fine(`${t(tool)} ${t(version)}; os containers não dizem qual os fez`),
	'compose-missing': () => ({text: 'não há docker-compose nem docker compose aqui', remedy: 'Instale um: sudo apt install docker-compose'}),
	'compose-silent': ({tool, detail}) => ({text: `${t(tool)} está aqui e não respondeu${t(detail) === '' ? '' : `: ${t(detail)}`}`, remedy: `Sem isso nenhuma mudança pode ser feita. Veja à mão o que ele diz: ${t(tool)} version`}),
	'directory-right': ({path}) => fine(t(path)),
	'directory-missing': ({path}) => ({text: `${t(path)} não existe`, remedy: 'Os containers foram iniciados de lá: verifique a montagem, ou se foi movido'}),
	'directory-denied': ({path}) => ({text: `você não pode ler ${t(path)}`, remedy: `Veja quem pode: ls -ld ${t(path)}`}),
	'directory-wrong': ({path}) => ({text: `${t(path)} não é um diretório`, remedy: 'Corrija "directory:" no mdc-console.yaml'}),
	'directory-silent': ({path}) => ({text: `${t(path)} não responde: montagem morta ou disco congelado`, remedy: 'Veja onde fica: findmnt -T (também pode travar), e dmesg | tail'}),
	'directory-unknown': () => ({text: 'nenhum container o informa', remedy: 'Ponha "directory:" no mdc-console.yaml'}),
	'compose-file-right': ({path, services}) => fine(`${t(path)} (${t(services)} serviços)`),
	'compose-file-wrong': ({path, why}) => ({text: `${t(path)}: ${t(why)}`, remedy: 'Verifique: docker-compose config -q naquele diretório'}),
	'port-answers': ({service, port}) => fine(`${t(service)} responde em ${t(port)}`),
	'port-refused': ({service, port}) => ({text: `${t(service)} recusa conexões em ${t(port)}`, remedy: `Veja o log: mdc-console, ou docker-compose logs --tail=50 ${t(service)}`}),
	'port-closes': ({service, port}) => ({text: `${t(service)} em ${t(port)}: o Docker aceita, mas nada responde atrás dele`, remedy: `O programa no container não escuta nessa porta: docker-compose logs --tail=50 ${t(service)}`}),
	'port-silent': ({service, port}) => ({text: `${t(service)} não responde em ${t(port)} a tempo`, remedy: 'Um firewall, ou um container travado: sudo iptables -L DOCKER -n'}),
	'port-none': () => fine('nenhum container rodando publica uma'),
	'tools-found': ({names}) => fine(t(names)),
	'tools-missing': ({names, packages}) => ({text: `faltam: ${t(names)}`, remedy: `Sem isso nenhuma mudança pode ser feita: sudo apt install ${t(packages)}`}),
	'tools-optional': ({names, packages}) => ({text: `não há: ${t(names)}`, remedy: `Alguns comandos do runbook precisam disso: sudo apt install ${t(packages)}`}),
	'terminal-right': ({term, columns, rows, colours}) => fine(`${t(term)}, ${t(columns)}×${t(rows)}, UTF-8, ${t(colours)} cores`),
	'terminal-none': () => ({text: 'a saída não é um terminal', remedy: 'O console precisa de um (ssh -t); mdc-console status funciona sem'}),
	'terminal-small': ({columns, rows}) => ({text: `${t(columns)}×${t(rows)} é pequeno`, remedy: 'No mínimo 60×15; 80×24 mostra todos os painéis, 140×40 mostra bem'}),
	'terminal-dumb': ({term}) => ({text: `TERM ${t(term) === '' ? 'não está definido' : `é ${t(term)}`}`, remedy: 'export TERM=xterm-256color'}),
	'terminal-not-utf8': ({locale}) => ({text: `o locale (${t(locale) === '' ? 'não definido' : t(locale)}) não é UTF-8: desenhado em ASCII`, remedy: 'export LANG=C.UTF-8'}),
	'state-shared': ({path}) => fine(`${t(path)}, compartilhado por todos que podem usar o Docker`),
	'state-own': ({path, shared}) => ({text: `${t(path)}, só seu: os colegas não veem seus incidentes`, remedy: `Crie ${t(shared)}: sudo mdc-console init --state`}),
	'state-not-writable': ({path, group}) => ({text: `você não pode escrever em ${t(path)}`, remedy: `Entre no grupo dele, depois entre de novo: sudo usermod -aG ${t(group) || 'docker'} $USER. Modo errado: sudo mdc-console init --state`}),
	'state-absent': ({path}) => ({text: `não há lugar para os incidentes: não é possível criar ${t(path)}`, remedy: 'sudo mdc-console init --state'}),
	'runtime-shared': ({path}) => fine(`${t(path)}, compartilhado`),
	'runtime-own': ({path}) => ({text: `${t(path)}, só seu: um colega poderia iniciar a mesma mudança ao mesmo tempo`, remedy: makeRuntime}),
	'runtime-on-disk': ({path}) => ({text: `${t(path)} fica num disco, que pode ser o que está cheio`, remedy: 'Monte um tmpfs ali, ou veja que /run ou /dev/shm possam ser escritos'}),
	'runtime-none': () => ({text: 'não se pode escrever em nenhum lugar para mudanças em andamento, então nenhuma pode ser feita', remedy: makeRuntime}),
	'logout-removes': ({user}) => ({text: 'o logind remove seus arquivos em /dev/shm no logout (RemoveIPC): o resultado de uma mudança em andamento pode se perder', remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}, ou RemoveIPC=no em /etc/systemd/logind.conf`}),
	'logout-kills-all': () => ({text: 'o logind mata o que sobra no logout (KillUserProcesses), e não há systemd-run: uma mudança morreria com a conexão', remedy: 'KillUserProcesses=no em /etc/systemd/logind.conf, depois: sudo systemctl restart systemd-logind'}),
	'logout-survives': () => fine('uma mudança em andamento sobrevive a uma conexão cortada'),
	'logout-kills': ({user}) => ({text: 'o logind mata o que sobra no logout (KillUserProcesses): uma mudança morreria com a conexão', remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}, ou KillUserProcesses=no em /etc/systemd/logind.conf`}),
	'channels-none': () => fine('nenhum serviço configurado para mensagens: os textos do escalonamento ficam para copiar (escalation.channels)'),
	'channel-right': ({channel}) => fine(`${t(channel)}: configurado, o segredo está lá (nada foi enviado)`),
	'channel-plain': ({channel}) => fine(`${t(channel)}: configurado, não precisa de segredo`),
	'channel-secret': ({channel, why}) => ({text: `${t(channel)}: o segredo não pode ser lido: ${t(why)}`, remedy: 'Defina a variável, ou ponha o segredo num arquivo que só você possa ler'}),
	'timer-there': ({names}) => fine(`unattended: ${t(names)}, por um timer do systemd`),
	'timer-no-linger': ({names, user}) => ({text: `unattended: ${t(names)}, mas os timers de ${t(user)} acabam com a última sessão: sem console aberto ninguém é acionado`, remedy: `sudo loginctl enable-linger ${t(user) || '$USER'}`}),
	'timer-missing': ({names}) => ({text: `unattended: ${t(names)}, mas aqui não roda systemd: sem console aberto ninguém é acionado`, remedy: 'Faça o seu sistema de alertas acionar alguém também'}),
	'logout-unknown': () => fine('não dá para saber se o logind mata o que sobra no logout'),
	'clock-synchronised': () => fine('sincronizado'),
	'clock-alone': () => ({text: 'não sincronizado: os horários dos incidentes podem estar errados', remedy: 'sudo timedatectl set-ntp true'}),
	'clock-unknown': () => fine('não dá para saber se está sincronizado'),
	'configuration-right': ({path}) => fine(t(path)),
	'authorities-right': ({path, count}) => fine(`${t(path)}: ${Number(count) === 1 ? '1 autoridade certificadora própria' : `${t(count)} autoridades certificadoras próprias`}`),
	'authorities-wrong': ({path, why, detail}) => ({text: `${t(path)} (tls.ca) não tem certificados legíveis: ${whyUntrusted['pt-BR'][t(why)] ?? (t(detail) || t(why))}`, remedy: 'Indique em "tls: {ca: …}" um arquivo de certificados PEM que este usuário possa ler'}),
	'configuration-none': () => fine('nenhuma; valem os padrões do runbook (mdc-console init escreve uma)'),
	'configuration-wrong': ({path, count}) => ({text: `${t(path)}: ${t(count) === '1' ? 'um problema' : `${t(count)} problemas`}`, remedy: 'Corrija o que está listado e rode de novo'}),
	'configuration-hidden': ({path}) => ({text: `não dá para saber se há ${t(path)}: não se pode entrar no diretório`, remedy: 'Indique o caminho com --config, ou use sudo'}),
	'runbook-right': ({path}) => fine(t(path)),
	'runbook-wrong': ({path, why}) => ({text: `${t(path)} não pode ser usado (${t(why)})`, remedy: 'Corrija "runbook:" no mdc-console.yaml; um caminho relativo conta a partir daquele arquivo'}),
	'disk-right': ({mount, used, free}) => fine(`${t(mount)} ${t(used)} usado, ${t(free)} livre`),
	'disk-high': ({mount, used, free}) => ({text: `${t(mount)} ${t(used)} usado, ${t(free)} livre`, remedy: `Veja o que ocupa: sudo du -xh --max-depth=2 ${t(mount)} | sort -h | tail`}),
	'disk-full': ({mount, used, free}) => ({text: `${t(mount)} ${t(used)} usado, ${t(free)} livre`, remedy: `Libere espaço já: sudo du -xh --max-depth=2 ${t(mount)} | sort -h | tail. Nada de prune com um container parado: ele o apaga`}),
	'disk-inodes': ({mount, used}) => ({text: `${t(mount)}: ${t(used)} dos inodes usados (arquivos demais)`, remedy: `Veja onde: sudo du -x --inodes --max-depth=2 ${t(mount)} | sort -n | tail`}),
	'disk-read-only': ({mount}) => ({text: `${t(mount)} está montado somente para leitura`, remedy: 'Talvez após um erro: dmesg | tail'}),
	'disk-silent': ({mount}) => ({text: `${t(mount)} não responde`, remedy: 'Uma montagem de rede morta ou um disco congelado: dmesg | tail'}),
	'alerts-prometheus': ({url, query, rule}) => fine(`o Prometheus em ${t(url)} tem ${t(query)} e a regra ${t(rule)}`),
	'alerts-alertmanager': ({url, matchers}) => fine(`o Alertmanager em ${t(url)} responde (${t(matchers)})`),
	'alerts-no-data': ({query}) => ({text: `o Prometheus não acha série nenhuma para ${t(query)}: isso não é "no ar", e o alerta não pode disparar`, remedy: 'Corrija alerts.prometheus.query no mdc-console.yaml, ou o job de coleta (Prometheus, Status → Targets)'}),
	'alerts-no-rule': ({rule}) => ({text: `o Prometheus não tem a regra de alerta ${t(rule)}: ela não chama ninguém, e o início real de uma queda não é conhecido`, remedy: 'Corrija alerts.prometheus.rule no mdc-console.yaml, ou crie a regra (Prometheus, Status → Rules)'}),
	'alerts-rule-fails': ({rule, detail}) => ({text: `o Prometheus não consegue avaliar ${t(rule)}: ${t(detail)}`, remedy: 'Corrija a regra: promtool check rules ARQUIVO'}),
	'alerts-failed': ({source, url, why}) => ({text: `${t(source)} em ${t(url)}: ${t(why)}`, remedy: 'Veja se está rodando, e confira url e token em "alerts:" no mdc-console.yaml'}),
	'no-answer': ({seconds}) => fine(`sem resposta em ${t(seconds)} s`),
};

const words: Readonly<Record<Language, Readonly<Record<DoctorCode, Words>>>> = {en, 'pt-BR': ptBR};

/** What was found, and the remedy when something is off. */
export const doctorSentence = (language: Language, code: DoctorCode, params: Parameters): Said => words[language][code](params);

/** The names of the areas as they stand at the beginning of a line. */
export const doctorAreaNames: Readonly<Record<Language, Readonly<Record<DoctorArea, string>>>> = {
	en: {
		engine: 'Engine', permission: 'Permission', project: 'Project', compose: 'Compose', directory: 'Directory', 'compose-file': 'Compose file', ports: 'Ports', 'health-checks': 'Health checks', tools: 'Tools',
		terminal: 'Terminal', state: 'State', runtime: 'Running changes', logout: 'Logout', clock: 'Clock', escalation: 'Escalation', configuration: 'Configuration', runbook: 'Runbook', alerts: 'Alerts', backups: 'Backups', disk: 'Disk',
	},
	'pt-BR': {
		engine: 'Docker', permission: 'Permissão', project: 'Projeto', compose: 'Compose', directory: 'Diretório', 'compose-file': 'Compose file', ports: 'Portas', 'health-checks': 'Health checks', tools: 'Programas',
		terminal: 'Terminal', state: 'Estado', runtime: 'Mudanças', logout: 'Logout', clock: 'Relógio', escalation: 'Escalonamento', configuration: 'Configuração', runbook: 'Runbook', alerts: 'Alertas', backups: 'Backups', disk: 'Disco',
	},
};

/** The last line. */
export const doctorSummary = (language: Language, bad: number, warnings: number, isEngineSilent: boolean): string => {
	if (language === 'en') {
		return isEngineSilent
			? 'Cannot tell: the engine does not answer.'
			: bad === 0 ? `Nothing is missing${warnings === 0 ? '.' : `; ${warnings} ${warnings === 1 ? 'thing' : 'things'} could be better.`}` : `${bad} ${bad === 1 ? 'thing is' : 'things are'} missing.`;
	}

	return isEngineSilent
		? 'Não dá para saber: o Docker não responde.'
		: bad === 0 ? `Não falta nada${warnings === 0 ? '.' : `; ${warnings} ${warnings === 1 ? 'coisa poderia' : 'coisas poderiam'} ser melhor.`}` : `${bad} ${bad === 1 ? 'coisa falta' : 'coisas faltam'}.`;
};
