using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.Description;

/// <summary>Builds the OpenAPI 3.1 description of the edge's endpoints, on first use.</summary>
internal static partial class OpenApiDocument
{
    private const string Json = "application/json";
    private const string AdminToken = "adminToken";
    private const string ProjectKey = "projectKey";

    private static readonly Lazy<byte[]> Made = new(() => System.Text.Encoding.UTF8.GetBytes(Make().ToJsonString()));

    /// <summary>The OpenAPI document as JSON in UTF-8.</summary>
    public static ReadOnlyMemory<byte> Utf8 => Made.Value;

    private static JsonObject Make()
    {
        var (schemas, paths) = (new Schemas(), new JsonObject());
        foreach (var (endpoint, scheme) in Administration.All.Select(endpoint => (endpoint, AdminToken)).Concat(DataPlane.All.Select(endpoint => (endpoint, ProjectKey))))
        {
            var path = paths[endpoint.Path]?.AsObject() ?? (JsonObject)(paths[endpoint.Path] = new JsonObject());
            path[endpoint.Method.ToLowerInvariant()] = Operation(endpoint, scheme, schemas);
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Cencori.Edge",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version!.ToString(3),
                ["description"] = "The administration API and the endpoints for callers. Requests to other paths below /v1 pass to the provider unchanged.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = Add(schemas.Write()), ["securitySchemes"] = SecuritySchemes() },
        };
    }

    private static JsonObject Operation(Described endpoint, string scheme, Schemas schemas)
    {
        var operation = new JsonObject
        {
            ["operationId"] = IdOf(endpoint),
            ["summary"] = endpoint.Summary,
            ["tags"] = new JsonArray(scheme == AdminToken ? "administration" : "data plane"),
            ["security"] = endpoint.IsOpen ? new JsonArray() : new JsonArray(new JsonObject { [scheme] = new JsonArray() }),
        };
        if (Parameters(endpoint) is { Count: > 0 } parameters)
        {
            operation["parameters"] = parameters;
        }

        if (endpoint.Body is { } body)
        {
            operation["requestBody"] = new JsonObject { ["required"] = !endpoint.IsBodyOptional, ["content"] = Content(body.Write(schemas), endpoint.AllowsOtherTypes ? endpoint.OtherTypes : []) };
        }

        var done = new JsonObject { ["description"] = endpoint.Status == StatusCodes.Status204NoContent ? "Done." : "The response." };
        if (endpoint.Response is { } response)
        {
            done["content"] = Content(response.Write(schemas), endpoint.AllowsOtherTypes ? [] : endpoint.OtherTypes);
        }

        if (endpoint.IsTagged)
        {
            done["headers"] = new JsonObject { ["ETag"] = new JsonObject { ["schema"] = Text() } };
        }

        operation["responses"] = new JsonObject
        {
            [endpoint.Status.ToString(CultureInfo.InvariantCulture)] = done,
            ["default"] = new JsonObject
            {
                ["description"] = "The request was refused, or it failed.",
                ["content"] = Content(Ref(scheme == AdminToken || endpoint.Path.StartsWith("/api/", StringComparison.Ordinal) ? "Error" : "OpenAIError"), []),
            },
        };
        return operation;
    }

    private static JsonArray Parameters(Described endpoint) => new(
    [
        .. Braces().Matches(endpoint.Path).Select(match => Parameter(match.Groups[1].Value, "path", isRequired: true)),
        .. endpoint.Query.Select(name => Parameter(name, "query", isRequired: false)),
        .. endpoint.AcceptsIfMatch ? new[] { Parameter("If-Match", "header", isRequired: false) } : [],
    ]);

    private static JsonObject Parameter(string name, string where, bool isRequired) => new() { ["name"] = name, ["in"] = where, ["required"] = isRequired, ["schema"] = Text() };

    private static JsonObject Content(JsonObject schema, string[] others)
    {
        var content = new JsonObject { [Json] = new JsonObject { ["schema"] = schema } };
        foreach (var other in others)
        {
            content[other] = new JsonObject { ["schema"] = Text() };
        }

        return content;
    }

    private static JsonObject Add(JsonObject schemas)
    {
        var code = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. ErrorKind.All.Select(kind => (JsonNode)kind.Code)]) };
        schemas["Error"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["error"] = Text(), ["message"] = Text(), ["code"] = code, ["reason"] = Text(), ["param"] = Text(), ["retry_after_ms"] = new JsonObject { ["type"] = "integer" },
            },
            ["required"] = new JsonArray("error", "message", "code"),
        };
        schemas["OpenAIError"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["message"] = Text(), ["type"] = Text(), ["param"] = new JsonObject { ["type"] = new JsonArray("string", "null") }, ["code"] = code.DeepClone(), ["reason"] = Text(),
                    },
                    ["required"] = new JsonArray("message", "type", "param", "code"),
                },
            },
            ["required"] = new JsonArray("error"),
        };
        return schemas;
    }

    private static JsonObject SecuritySchemes() => new()
    {
        [AdminToken] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "The admin token, cadm_…" },
        [ProjectKey] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A project key: csk_…, cpk_… or cake_…" },
    };

    // Creates the operation id. Example: get /api/projects/{projectId}/logs becomes getApiProjectsProjectIdLogs.
    private static string IdOf(Described endpoint) =>
        endpoint.Method.ToLowerInvariant() + string.Concat(Words().Matches(endpoint.Path).Select(word => char.ToUpperInvariant(word.Value[0]) + word.Value[1..]));

    private static JsonObject Ref(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject Text() => new() { ["type"] = "string" };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Braces();

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Words();
}
