import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LlmUsage, Provider } from '#contract/provider.ts';
import { CallMeter } from './meter.ts';
import { worstCaseUsd } from '#contract/worst-case.ts';
import { costUsd, priceOf } from './prices.ts';

const entry = (more: Partial<Provider>): Provider => ({ type: 'openai', model: 'gpt-4o', api_key: null, ...more });
const usage = (input_tokens: number, output_tokens: number, more: Partial<LlmUsage> = {}): LlmUsage => ({
  input_tokens,
  output_tokens,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  ...more,
});

describe('the price of a model', () => {
  test('comes from the configuration first, also for a local model', () => {
    const price = { input_usd_per_mtok: 7, output_usd_per_mtok: 9 };
    expect(priceOf(entry({ price }))).toMatchObject({ ...price, basis: 'config' });
    expect(priceOf(entry({ type: 'ollama_local', price }))).toMatchObject({ ...price, basis: 'config' });
  });

  test.each(['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-latest'])('%s is in the table', (model) => {
    expect(priceOf(entry({ model }))).toMatchObject({ input_usd_per_mtok: 2.5, output_usd_per_mtok: 10, basis: 'table' });
  });

  test('a dated model with its own price is not taken for its family', () => {
    expect(priceOf(entry({ model: 'gpt-4o-2024-05-13' }))).toMatchObject({ input_usd_per_mtok: 5, output_usd_per_mtok: 15 });
  });

  test('the template model of Anthropic is in the table', () => {
    const model = 'claude-sonnet-4-5-20250929';
    expect(priceOf(entry({ type: 'anthropic', model }))).toMatchObject({ input_usd_per_mtok: 3, output_usd_per_mtok: 15 });
  });

  test.each(['gpt-4o-audio-preview', 'gpt-4o-mini-tts', 'gpt-9', 'claude-opus-5'])('%s is unknown, not like its neighbours', (model) => {
    expect(priceOf(entry({ model }))).toBeNull();
  });

  test('a known name at another host is unknown', () => {
    expect(priceOf(entry({ type: 'custom_openai_compatible', base_url: 'https://resale.example/v1' }))).toBeNull();
  });

  test.each(['http://localhost:1234/v1', 'http://127.0.0.1:8000/v1', 'http://[::1]:8000/v1'])('%s is a local model', (base_url) => {
    expect(priceOf(entry({ type: 'openai_compat', base_url }))).toMatchObject({ input_usd_per_mtok: 0, basis: 'local' });
  });

  test('a local name in a foreign address is not local', () => {
    expect(priceOf(entry({ type: 'openai_compat', base_url: 'http://127.0.0.1.example.com/v1' }))).toBeNull();
    expect(priceOf(entry({ type: 'openai_compat', base_url: 'http://localhost.example.com/v1' }))).toBeNull();
  });
});

describe('the cost of usage', () => {
  test('charges cache reads and writes at their own price', () => {
    const price = priceOf(
      entry({ price: { input_usd_per_mtok: 10, output_usd_per_mtok: 20, cache_read_usd_per_mtok: 1, cache_write_usd_per_mtok: 12 } }),
    );
    if (price === null) throw new Error('no price');
    expect(costUsd(usage(1000, 100, { cache_read_tokens: 400, cache_write_tokens: 100 }), price)).toBeCloseTo(0.0086, 12);
  });

  test('is unknown for prompts longer than the price is valid for', () => {
    const price = priceOf(entry({ model: 'gpt-5.5' }));
    if (price === null) throw new Error('no price');
    expect(costUsd(usage(200_000, 1), price)).not.toBeNull();
    expect(costUsd(usage(300_000, 1), price)).toBeNull();
    expect(worstCaseUsd({ prompt: 'x'.repeat(300_000), max_output_tokens: 1 }, price)).toBeNull();
  });
});

test('the worst case is unknown where the price is', () => {
  expect(worstCaseUsd({ prompt: 'x', max_output_tokens: 1 }, null)).toBeNull();
});

test('the worst case is never below what the call can cost', () => {
  const price = priceOf(entry({}));
  if (price === null) throw new Error('no price');
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(text, text, fc.boolean(), fc.nat(500), fc.nat(100), (prompt, system, isStructured, maxOutput, frame) => {
      const request = { prompt, system, max_output_tokens: maxOutput, ...(isStructured ? { schema: { type: 'object' } } : {}) };
      const sentBytes =
        Buffer.byteLength(prompt) + Buffer.byteLength(system) + (isStructured ? 2 * JSON.stringify(request.schema).length : 0);
      const meter = new CallMeter(price, null);
      meter.settle(usage(sentBytes + frame, maxOutput), null);
      if (isStructured) meter.settle(usage(sentBytes + frame + maxOutput + 1000, maxOutput), null);
      expect(worstCaseUsd(request, price)).toBeGreaterThanOrEqual(meter.cost.usd ?? Infinity);
    }),
  );
});

describe('the meter of a call', () => {
  const price = { input_usd_per_mtok: 1_000_000, output_usd_per_mtok: 2_000_000, basis: 'config' as const, max_input_tokens: null };

  test('estimates four bytes a token until the provider counts', () => {
    const meter = new CallMeter(price, null);
    meter.begin('12345678');
    meter.addOutput('1234');
    expect(meter.estimatedUsd).toBe(2 + 2);
    meter.addUsage(usage(5, 3));
    expect(meter.estimatedUsd).toBe(5 + 6);
  });

  test('passes its limit only above it', () => {
    const meter = new CallMeter(price, 4);
    meter.begin('12345678');
    meter.addOutput('1234');
    expect(meter.isOverLimit).toBe(false);
    meter.addOutput('1');
    expect(meter.isOverLimit).toBe(true);
  });

  test('keeps the turns before the running one', () => {
    const meter = new CallMeter(price, null);
    meter.begin('1234');
    meter.settle(usage(3, 2), null);
    meter.begin('1234');
    expect(meter.estimatedUsd).toBe(3 + 4 + 1);
    expect(meter.cost).toEqual({ usd: 7, basis: 'config' });
  });

  test('one turn of unknown usage makes the whole unknown', () => {
    const meter = new CallMeter(price, null);
    meter.settle(usage(3, 2), null);
    meter.settle(null, null);
    expect([meter.usage, meter.cost]).toEqual([null, { usd: null, basis: 'unknown' }]);
  });

  test('an unknown price is never a cost of 0', () => {
    const meter = new CallMeter(null, null);
    meter.begin('1234');
    expect(meter.estimatedUsd).toBeNull();
    meter.settle(usage(3, 2), null);
    expect(meter.cost).toEqual({ usd: null, basis: 'unknown' });
  });
});
