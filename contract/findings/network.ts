/** What an approver should know about the requests of a plan. Pure. */
import { canonicalJson } from '../canonical.ts';
import type { Envelope } from '../envelope.ts';
import { finding, quoteAll } from './finding.ts';
import { hostPattern, httpTarget, localHostOf } from '../http-target.ts';
import { secretNames } from '../nodes/http.ts';
import type { Finding } from '../objects.ts';
import type { OpsConfig } from '../ops-config.ts';
import { isDynamic, wordCovers } from '../pattern.ts';
import type { NodeOf, PlanNode } from '../plan.ts';
import { ENV_REF } from '../provider.ts';
import { asPattern } from '../template.ts';
import type { Webhook } from '../webhooks.ts';

export type NetworkFacts = Pick<OpsConfig, 'local_hosts' | 'node_secrets'> & {
  /** Names of the variables that are set where calls are made; null = not known. */
  env_present: string[] | null;
  /** Webhooks by name. */
  webhooks: Record<string, Pick<Webhook, 'url' | 'secret_ref'>>;
};

type Reached = Pick<Envelope, 'hosts' | 'requests'>;

function hostFindings({ hosts, requests = [] }: Reached, facts: NetworkFacts): Finding[] {
  if (hosts.length + requests.length === 0) return [];
  const what = hosts.length === 0 ? 'that change something' : `to ${hosts.length === 1 ? 'a host' : `${hosts.length} hosts`}`;
  const found = [
    finding({
      rule: 'SENDS_REQUESTS',
      severity: 'medium',
      message: `It sends requests ${what}; what it sends leaves this machine.`,
      evidence: quoteAll([...requests, ...hosts]),
      remedy: 'Read what each request sends, and remove the hosts that you do not know.',
    }),
  ];
  const wide = hosts.filter(isDynamic);
  if (wide.length > 0)
    found.push(
      finding({
        rule: 'WIDE_HOST',
        severity: 'high',
        message: 'Its envelope grants hosts that are not known in full.',
        evidence: quoteAll(wide),
        remedy: 'State the exact hosts in `envelope.hosts`.',
      }),
    );
  const local = facts.local_hosts.filter((host) => reaches(hosts, host));
  if (local.length > 0)
    found.push(
      finding({
        rule: 'LOCAL_HOST',
        severity: 'medium',
        message: 'It may call services of the local network that an admin has opened.',
        evidence: quoteAll(local),
        remedy: 'Check what these services do with a request, or take them out of `local_hosts` in the configuration.',
      }),
    );
  return found;
}

/** A port is a number, however many noughts are written before it. */
const plainPort = (host: string): string => host.replace(/:0+(?=\d+$)/, ':');

/** `local` has its port always, a host of the envelope only when it is not the usual one. */
function reaches(hosts: string[], local: string): boolean {
  const bare = local.replace(/:(?:80|443)$/, '');
  return hosts.map(plainPort).some((host) => wordCovers(host, local) || wordCovers(host, bare));
}

function requestFindings(node: NodeOf<'http'>, facts: NetworkFacts): Finding[] {
  const { url, secret_headers: headers } = node.with;
  const host = hostPattern(asPattern(url));
  const target = httpTarget(url);
  const isLocal = target !== null && facts.local_hosts.includes(localHostOf(target));
  const found = secretNames(headers).flatMap((name) => secretFindings(node.id, name, host, facts));
  if (/^http:/i.test(url) && !isLocal)
    found.push(
      finding({
        rule: 'PLAIN_HTTP',
        severity: 'medium',
        node: node.id,
        message: 'The request is not encrypted: others on the way can read and change it.',
        evidence: url,
        remedy: 'Use https.',
      }),
    );
  return found;
}

function secretFindings(node: string, name: string, host: string, { node_secrets, env_present }: NetworkFacts): Finding[] {
  const found = [
    finding({
      rule: 'SENDS_SECRET',
      severity: 'high',
      node,
      message: `It sends the secret ${name} to \`${host}\`.`,
      evidence: `\${${name}} → ${host}`,
      remedy: 'Approve only if this host is meant to have it.',
    }),
  ];
  if (node_secrets[name]?.includes(host) !== true)
    found.push(
      finding({
        rule: 'SECRET_NOT_ALLOWED',
        severity: 'low',
        node,
        message: `No admin allows the variable ${name} for \`${host}\`; a run would end at its start.`,
        evidence: `\${${name}} → ${host}`,
        remedy: 'An admin allows it: PUT /ops/config `node_secrets`.',
      }),
    );
  else if (env_present !== null && !env_present.includes(name)) found.push(unset(node, name));
  return found;
}

const unset = (node: string, variable: string): Finding =>
  finding({
    rule: 'ENV_UNSET',
    severity: 'low',
    node,
    message: `The variable ${variable} is not set; a run would end at its start.`,
    evidence: `\${${variable}}`,
    remedy: `Set ${variable} and start again.`,
  });

function noticeFindings(node: NodeOf<'notify'>, { webhooks, env_present }: NetworkFacts): Finding[] {
  const { webhook: name } = node.with;
  const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  const base = { node: node.id, severity: 'low' } as const;
  if (webhook === undefined)
    return [
      finding({
        ...base,
        rule: 'WEBHOOK_UNKNOWN',
        message: `There is no webhook \`${name}\`; a run would end at its start.`,
        evidence: `webhook: ${name}`,
        remedy: 'An admin registers it: POST /ops/webhooks.',
      }),
    ];
  const host = hostPattern(webhook.url);
  const found = [
    finding({
      ...base,
      rule: 'SENDS_MESSAGE',
      message: `It sends a message to the webhook \`${name}\`, at \`${host}\`.`,
      evidence: node.with.text ?? canonicalJson(node.with.payload ?? null),
      remedy: 'Read what is sent.',
    }),
  ];
  const variable = ENV_REF.exec(webhook.secret_ref)?.[1] ?? '';
  if (env_present !== null && !env_present.includes(variable)) found.push(unset(node.id, variable));
  return found;
}

export function networkFindings(nodes: PlanNode[], envelope: Reached, facts: NetworkFacts): Finding[] {
  const requests = nodes.filter((node): node is NodeOf<'http'> => node.kind === 'http');
  const notices = nodes.filter((node): node is NodeOf<'notify'> => node.kind === 'notify');
  return [
    ...hostFindings(envelope, facts),
    ...requests.flatMap((node) => requestFindings(node, facts)),
    ...notices.flatMap((node) => noticeFindings(node, facts)),
  ];
}
