/** JSON as it stands on the wire. Structurally the same as the one in `ir/json.ts`; neither folder imports the other. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: JsonValue
}
