import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasStaticHost, hostPattern, httpTarget } from './http-target.ts';
import type { JsonObject } from './json.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { envelopeOf, permitFaults } from './plan-envelope.ts';

const request = (value: JsonObject, more: JsonObject = {}): JsonObject => ({
  version: 1,
  title: 'T',
  inputs: { x: {} },
  nodes: [{ id: 'r', kind: 'http', with: value }],
  ...more,
});
const codes = (value: JsonObject, more: JsonObject = {}): string[] => checkPlan(request(value, more)).faults.map((fault) => fault.code);
const hosts = (value: JsonObject, more: JsonObject = {}): string[] => envelopeOf(validatePlan(request(value, more))).hosts;

describe('the address of a request', () => {
  it.each([
    ['https://api.example.com', 'api.example.com', 443],
    ['http://API.Example.com:8080/a?b=c', 'api.example.com:8080', 8080],
    ['https://[2001:db8::1]/x', '[2001:db8::1]', 443],
    ['https://a-b.example/?q=%20', 'a-b.example', 443],
  ])('%s has the host %s', (url, host, port) => {
    expect(httpTarget(url)).toMatchObject({ host, port });
  });

  it.each([
    'ftp://a.example',
    'https://user:secret@a.example/',
    'https://a.example@b.example/',
    'https://a.example\\@b.example/',
    'https:/a.example',
    'https:a.example',
    '//a.example',
    'https://a.example/#top',
    'https://a.example:0/',
    'https://a.example:99999/',
    'https://a b.example/',
    'https://%61.example/',
    'https://ａ.example/',
    'https://.example/',
    'https://a..example/',
    ' https://a.example/',
    'https://a.example/\n',
    '',
  ])('%j is no plain address', (url) => {
    expect(httpTarget(url)).toBeNull();
  });

  it('is read as a URL parser reads it, or a URL parser sees another host, which the worker refuses', () => {
    const part = fc.constantFrom(
      'https://',
      'http://',
      'a.example',
      '127.0.0.1',
      '0x7f.1',
      '[::1]',
      ':80',
      '@',
      '/',
      '\\',
      '?',
      '#',
      '%2e',
      '.',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const url = parts.join('');
        const target = httpTarget(url);
        if (target === null || !URL.canParse(url)) return;
        expect(new URL(url).username).toBe('');
        expect(hostPattern(url)).toContain(target.hostname);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an http node', () => {
  it('asks for the host that it names, with its port when it states one', () => {
    expect(hosts({ url: 'https://API.example.com/${{ string(inputs.x) }}' })).toEqual(['api.example.com']);
    expect(hosts({ url: 'http://api.example.com:8080?q=${{ inputs.x }}' })).toEqual(['api.example.com:8080']);
  });

  it.each(['${{ inputs.x }}', 'https://${{ inputs.x }}/a', 'https://a.example${{ inputs.x }}', 'https://a.example:${{ inputs.x }}/'])(
    'with the host of %s must have it stated in the envelope',
    (url) => {
      expect(codes({ url })).toEqual(['DYNAMIC_ROOT']);
      expect(codes({ url }, { envelope: { hosts: ['*'] } })).toEqual([]);
    },
  );

  it('is refused in the instant before it acts when what it was filled with leads to another host', () => {
    const plan = validatePlan(request({ url: 'https://${{ inputs.x }}.example.com/a' }, { envelope: { hosts: ['*.example.com'] } }));
    const outside = (url: string): string[] =>
      permitFaults(envelopeOf(plan), { kind: 'http', with: { method: 'GET', url } }).map(({ pattern }) => pattern);
    expect(outside('https://api.example.com/a')).toEqual([]);
    expect(outside('https://api.example.com.evil.example/a')).toEqual(['api.example.com.evil.example']);
    expect(outside('https://evil.example/api.example.com')).toEqual(['evil.example']);
    expect(outside('https://evil.example\\.example.com/')).toEqual(['evil.example']);
    expect(outside('ftp://api.example.com/')).toEqual(['*']);
  });

  it('may not set headers of the connection, nor send a body with GET', () => {
    expect(codes({ url: 'https://a.example', headers: { Host: 'b.example' } })).toHaveLength(1);
    expect(codes({ url: 'https://a.example', headers: { 'Transfer-Encoding': 'chunked' } })).toHaveLength(1);
    expect(codes({ url: 'https://a.example', headers: { a: 'x\r\nb: y' } })).toHaveLength(1);
    expect(codes({ url: 'https://a.example', body: 'x' })).toHaveLength(1);
    expect(
      codes({ url: 'https://a.example', method: 'POST', headers: { 'X-A': '${{ inputs.x }}' }, body: { a: ['${{ inputs.x }}'] } }),
    ).toEqual([]);
  });

  it('names its secrets in the envelope, only in fixed text, only to a host that the plan names, and never one of GIMO', () => {
    const secret = { authorization: 'Bearer ${API_TOKEN}' };
    const url = 'https://a.example/${{ inputs.x }}';
    expect(envelopeOf(validatePlan(request({ url, secret_headers: secret }))).secrets).toEqual(['API_TOKEN']);
    expect(codes({ url, secret_headers: { authorization: 'Bearer' } })).toHaveLength(1);
    expect(codes({ url, secret_headers: { authorization: '${A} ${B}' } })).toHaveLength(1);
    expect(codes({ url, secret_headers: { authorization: '${A} ${{ inputs.x }}' } })).not.toEqual([]);
    expect(codes({ url, secret_headers: { authorization: '${ORCH_ADMIN_TOKEN}' } })).toHaveLength(1);
    expect(codes({ url: '${{ inputs.x }}', secret_headers: secret }, { envelope: { hosts: ['*'] } })).toHaveLength(1);
    expect(hasStaticHost('https://a.example${{ inputs.x }}')).toBe(false);
    expect(codes({ url }, { envelope: { secrets: [] } })).toEqual([]);
    expect(codes({ url, secret_headers: secret }, { envelope: { secrets: [] } })).toEqual(['ENVELOPE_NARROWER']);
  });
});
