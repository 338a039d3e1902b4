/**
 * A result set as the Markdown that it is. Only its structure is taken from the library; each piece of text goes through `Untrusted`
 * like any other. HTML in it stays text, pictures are named and not loaded, and a link says where it leads.
 */
import { lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { createElement, Fragment, type ReactNode } from 'react';
import { Untrusted } from './text.tsx';

export function Markdown({ text }: { text: string }) {
  return (
    <div className="flex flex-col gap-3 leading-relaxed [overflow-wrap:anywhere]">
      <Blocks tokens={lexer(text)} />
    </div>
  );
}

function Blocks({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, index) => <Fragment key={index}>{block(token as MarkedToken)}</Fragment>);
}

/** A page has its own first and second level. */
const HEADING_SHIFT = 2;
const HEADING_SIZE = ['text-lg', 'text-[1.02rem]', 'text-base'];

function block(token: MarkedToken): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading': {
      const className = `mt-1 font-semibold ${HEADING_SIZE[token.depth - 1] ?? 'text-[0.95rem]'}`;
      return createElement(`h${Math.min(6, token.depth + HEADING_SHIFT)}`, { className }, <Inline tokens={token.tokens} />);
    }
    case 'paragraph':
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      );
    case 'code':
      return (
        <pre className="code overflow-x-auto rounded-lg border border-line bg-sunken p-3 whitespace-pre-wrap">
          <Untrusted text={token.text} />
        </pre>
      );
    case 'blockquote':
      return (
        <blockquote className="flex flex-col gap-2 border-l-3 border-line pl-3 text-muted">
          <Blocks tokens={token.tokens} />
        </blockquote>
      );
    case 'list':
      return <List list={token} />;
    case 'table':
      return <Table table={token} />;
    case 'hr':
      return <hr className="border-line" />;
    default:
      return inline(token);
  }
}

function List({ list }: { list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    <li key={index} className="pl-0.5 [&>*+*]:mt-1.5">
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled aria-label="done" className="mr-1.5 align-middle" />}
      <Blocks tokens={item.tokens.filter(({ type }) => type !== 'checkbox')} />
    </li>
  ));
  const className = 'flex flex-col gap-1 pl-6';
  if (!list.ordered) return <ul className={`list-disc ${className}`}>{items}</ul>;
  return (
    <ol start={list.start === '' ? 1 : list.start} className={`list-decimal ${className}`}>
      {items}
    </ol>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  const cell = 'border border-line px-2.5 py-1 text-left align-top';
  return (
    // Scrollable areas must be reachable by keyboard.
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="table">
      <table className="text-[0.93rem]">
        <thead>
          <tr>
            {table.header.map((head, index) => (
              <th key={index} className={`${cell} bg-sunken font-medium`}>
                <Inline tokens={head.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((data, at) => (
                <td key={at} className={cell}>
                  <Inline tokens={data.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Inline({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, index) => <Fragment key={index}>{inline(token as MarkedToken)}</Fragment>);
}

function inline(token: MarkedToken): ReactNode {
  switch (token.type) {
    case 'strong':
      return (
        <strong className="font-semibold">
          <Inline tokens={token.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case 'codespan':
      return (
        <code className="code rounded bg-sunken px-1 py-0.5">
          <Untrusted text={token.text} />
        </code>
      );
    case 'br':
      return <br />;
    case 'link':
      return <Link link={token} />;
    case 'image':
      return (
        <span className="text-muted">
          [picture: <Untrusted text={token.text} /> <Address href={token.href} />]
        </span>
      );
    case 'text':
      return token.tokens === undefined ? <Untrusted text={token.text} /> : <Inline tokens={token.tokens} />;
    case 'escape':
      return <Untrusted text={token.text} />;
    default:
      return <Untrusted text={token.raw} />;
  }
}

/** Other schemes would run something, or lead to a page of ours. */
const LEADS_OUT = /^https?:\/\//i;

/** The words of a link are its author's: where it leads stands beside them. */
function Link({ link }: { link: Tokens.Link }) {
  const words = <Inline tokens={link.tokens} />;
  const isPlain = link.text === link.href;
  if (!LEADS_OUT.test(link.href))
    return (
      <>
        {words} {!isPlain && <Address href={link.href} />}
      </>
    );
  return (
    <>
      <a href={link.href} target="_blank" rel="noopener noreferrer nofollow" className="text-accent underline">
        {words}
      </a>
      {!isPlain && (
        <>
          {' '}
          <Address href={link.href} />
        </>
      )}
    </>
  );
}

function Address({ href }: { href: string }) {
  return (
    <span className="code text-muted">
      (<Untrusted text={href} />)
    </span>
  );
}
