/**
 * Loaded into each workflow thread before the SDK (see workflow-threads.ts). For each call into a workflow the SDK has Node start
 * a watchdog thread, and for each promise it compiles a function and takes a stack trace. Both are for workflows of strangers:
 * the interpreter runs no foreign code, expressions have a budget of their own, and nobody asks for traces of promises.
 */
import v8 from 'node:v8';
import { Script, type RunningScriptInNewContextOptions, type Context } from 'node:vm';

const runInContext = Reflect.get<Script, 'runInContext'>(Script.prototype, 'runInContext');

Script.prototype.runInContext = function (this: Script, context: Context, options: RunningScriptInNewContextOptions = {}): unknown {
  const { timeout: _watchdog, ...rest } = options;
  return runInContext.call(this, context, rest);
};

v8.promiseHooks.createHook = () => () => undefined;
