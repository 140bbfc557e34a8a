/**
 * Shapes of configuration, as data: what a value has to be, what it defaults to, and what it says to people. One walk
 * reads a value by them (`read-shape.ts`), one writes their JSON Schema, one finds keys and defaults for hints. By hand,
 * because a library for this was a quarter of the gateway's start.
 */
export type Definition =
  | {
      readonly type: 'string'
      readonly least?: number
      readonly pattern?: Pattern
      readonly convert?: Convert
    }
  | { readonly type: 'int'; readonly least?: number; readonly most?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'enum' | 'literal'; readonly values: readonly (string | number)[] }
  | { readonly type: 'object'; readonly fields: Fields; readonly others?: AnyShape }
  | { readonly type: 'record'; readonly value: AnyShape }
  | { readonly type: 'array'; readonly element: AnyShape; readonly least?: number }
  | { readonly type: 'union'; readonly options: readonly AnyShape[] }
  | { readonly type: 'optional'; readonly inner: AnyShape }
  /** `isRead`: the default is written as in a file, and read as if it stood there. */
  | { readonly type: 'default'; readonly inner: AnyShape; readonly value: unknown; readonly isRead: boolean }

export interface Pattern {
  readonly regex: RegExp
  /** The rest of a sentence that begins with the field: `is not a duration`. */
  readonly message: string
}

export type Converted = { readonly value: unknown } | { readonly message: string }
type Convert = (text: string) => Converted

export type AnyShape = Shape<unknown, unknown>
type Fields = { readonly [name: string]: AnyShape }

/** What is written, and what it is once it was read. The two types exist for the compiler only. */
export class Shape<out Output, out Input = Output> {
  declare readonly output: Output
  declare readonly input: Input
  readonly definition: Definition
  readonly description: string | undefined

  constructor(definition: Definition, description?: string) {
    this.definition = definition
    this.description = description
  }

  optional(): Shape<Output | undefined, Input | undefined> {
    return new Shape({ type: 'optional', inner: this })
  }

  /** Stands in, as it is, where nothing is written. */
  default(value: Output): Shape<Exclude<Output, undefined>, Input | undefined> {
    return new Shape({ type: 'default', inner: this, value, isRead: false })
  }

  /** Is read where nothing is written. */
  prefault(value: Input): Shape<Output, Input | undefined> {
    return new Shape({ type: 'default', inner: this, value, isRead: true })
  }

  /** What it is for, for the readers of the published schema. */
  describe(text: string): Shape<Output, Input> {
    return new Shape(this.definition, text)
  }
}

type StringDefinition = Extract<Definition, { type: 'string' }>

class StringShape extends Shape<string> {
  readonly #string: StringDefinition

  constructor(definition: StringDefinition) {
    super(definition)
    this.#string = definition
  }

  min(least: number): StringShape {
    return new StringShape({ ...this.#string, least })
  }

  regex(regex: RegExp, message: string): StringShape {
    return new StringShape({ ...this.#string, pattern: { regex, message } })
  }

  /** What the text stands for, or what is wrong with it. */
  convert<T>(
    convert: (text: string) => { readonly value: T } | { readonly message: string },
  ): Shape<T, string> {
    return new Shape({ ...this.#string, convert })
  }
}

class IntShape extends Shape<number> {
  readonly #least: number | undefined

  constructor(least?: number, most?: number) {
    super({
      type: 'int',
      ...(least === undefined ? {} : { least }),
      ...(most === undefined ? {} : { most }),
    })
    this.#least = least
  }

  min(least: number): IntShape {
    return new IntShape(least)
  }

  max(most: number): IntShape {
    return new IntShape(this.#least, most)
  }
}

class ArrayShape<Output, Input> extends Shape<Output[], Input[]> {
  readonly #element: AnyShape

  constructor(element: Shape<Output, Input>, least?: number) {
    super({ type: 'array', element, ...(least === undefined ? {} : { least }) })
    this.#element = element
  }

  min(least: number): ArrayShape<Output, Input> {
    return new ArrayShape(this.#element as Shape<Output, Input>, least) // what it was made with
  }
}

type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: T[K] } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
}
type Flat<T> = { [K in keyof T]: T[K] }
type OutputsOf<F extends Fields> = Flat<Optional<{ -readonly [K in keyof F]: F[K]['output'] }>>
type InputsOf<F extends Fields> = Flat<Optional<{ -readonly [K in keyof F]: F[K]['input'] }>>

export const string = () => new StringShape({ type: 'string' })
export const int = () => new IntShape()
export const boolean = (): Shape<boolean> => new Shape({ type: 'boolean' })
export const oneOf = <const T extends readonly (string | number)[]>(values: T): Shape<T[number]> =>
  new Shape({ type: 'enum', values })
export const literal = <const T extends string | number>(value: T): Shape<T> =>
  new Shape({ type: 'literal', values: [value] })

/** These keys and no others. */
export const section = <F extends Fields>(fields: F): Shape<OutputsOf<F>, InputsOf<F>> =>
  new Shape({ type: 'object', fields })

/** These keys, and any others that hold such a value. */
export const sectionWith = <F extends Fields, Output, Input>(
  fields: F,
  others: Shape<Output, Input>,
): Shape<
  OutputsOf<F> & { [name: string]: Output | OutputsOf<F>[keyof OutputsOf<F>] },
  InputsOf<F> & { [name: string]: Input | InputsOf<F>[keyof InputsOf<F>] }
> => new Shape({ type: 'object', fields, others })

export const record = <Output, Input>(
  value: Shape<Output, Input>,
): Shape<{ [name: string]: Output }, { [name: string]: Input }> => new Shape({ type: 'record', value })

export const array = <Output, Input>(element: Shape<Output, Input>) => new ArrayShape(element)

export const union = <const T extends readonly AnyShape[]>(
  options: T,
): Shape<T[number]['output'], T[number]['input']> => new Shape({ type: 'union', options })
