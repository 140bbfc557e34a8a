import type { Answer } from './answer.ts'
import type { Received } from './call.ts'

/** Answers a call. Expected failures are answers; an exception is a bug. */
export type Handler<C extends Received> = (call: C) => Promise<Answer>

/** One policy: takes calls of stage `Out`, hands calls of stage `In` to the next handler. */
export type Layer<Out extends Received, In extends Out = Out> = (next: Handler<In>) => Handler<Out>

/** A policy that adds no facts and fits at any stage. */
export type Anywhere = <C extends Received>(next: Handler<C>) => Handler<C>

/** Layers in order, outermost first; the compiler refuses an order in which a layer lacks the facts it needs. */
export class Stack<Out extends Received, In extends Out> {
  readonly #wrap: (last: Handler<In>) => Handler<Out>

  private constructor(wrap: (last: Handler<In>) => Handler<Out>) {
    this.#wrap = wrap
  }

  static of<C extends Received>(): Stack<C, C> {
    return new Stack<C, C>(last => last)
  }

  /** The same stack with one more layer inside all others. */
  with<N extends In>(layer: Layer<In, N>): Stack<Out, N> {
    return new Stack<Out, N>(last => this.#wrap(layer(last)))
  }

  over(last: Handler<In>): Handler<Out> {
    return this.#wrap(last)
  }
}
