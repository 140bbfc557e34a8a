/** JSON as the model carries it. Structurally the same as the one in `wire/json.ts`; neither folder imports the other. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: JsonValue
}
