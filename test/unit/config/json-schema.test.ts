import { expect, test } from "vitest";
import { formatJsonSchema, makeJsonSchemas } from "../../../src/config/json-schema.ts";

// `npx vitest run test/unit/config/json-schema.test.ts --update=all` makes the files anew.
test("the schemas for editors are those of the shapes", async () => {
  const schemas = await makeJsonSchemas();
  await expect(formatJsonSchema(schemas.environment)).toMatchFileSnapshot("../../../schema/environment.schema.json");
  await expect(formatJsonSchema(schemas.repository)).toMatchFileSnapshot("../../../schema/repository.schema.json");
});
