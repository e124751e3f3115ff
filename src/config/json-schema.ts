import { makeShapes } from "./schema.ts";

type JsonSchema = Record<string, unknown>;

const roots = ["image", "archive", "rootfs", "bootstrap", "containerfile"];

/** The JSON Schemas under schema/, which editors check the files with; a test holds them to the shapes. */
export async function makeJsonSchemas(): Promise<Record<"environment" | "repository", JsonSchema>> {
  const { environment, repository, z } = await makeShapes();
  const make = (shape: typeof environment | typeof repository, title: string): JsonSchema => {
    const schema: JsonSchema = z.toJSONSchema(shape, {
      io: "input",
      override({ zodSchema, jsonSchema }) {
        if (zodSchema === environment) jsonSchema.oneOf = exactlyOneRoot;
      },
    });
    return { ...schema, title };
  };
  return { environment: make(environment, "An environment of qpod"), repository: make(repository, "A repository's .qpod.yaml") };
}

/** `host` is a root only where it is true. */
const exactlyOneRoot = [
  ...roots.map((root) => ({ required: [root], properties: { host: { not: { const: true } } } })),
  { required: ["host"], properties: { host: { const: true } } },
];

/** As the files hold it. */
export function formatJsonSchema(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
