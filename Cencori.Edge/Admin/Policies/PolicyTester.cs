using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Screening;
using Cencori.Edge.Screening.Documents;
using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Tests saved or unsaved policies on a text or a body. Stores nothing.</summary>
internal sealed class PolicyTester(PolicyEditor editor, ProjectCache projects, PolicyDryRun dryRun)
{
    private const int MaxText = 100_000;
    private const int MaxBody = 1_000_000;

    // Tests that ask guardrails, on this edge. Each may take seconds, and a vendor may charge for it.
    private const int MaxAsking = 4;

    private int _asking;

    /// <exception cref="RefusedException">The project does not exist, the text, the body or the policies of the test are not valid, this version of the edge cannot read the stored policies, or other
    /// tests are asking guardrails.</exception>
    public async Task<PolicyTestView> TestAsync(string projectId, PolicyTest test, CancellationToken cancellation)
    {
        if ((test.Text is null) == (test.Body is null))
        {
            throw new RefusedException(EdgeError.Invalid("Send a text or a body.", "text"));
        }

        if (test.Text is { Length: 0 or > MaxText })
        {
            throw new RefusedException(EdgeError.Invalid($"text must have 1 to {MaxText} characters.", "text"));
        }

        var (document, version) = await editor.ToTestAsync(projectId, test.Policies);
        if (PolicySet.Of(document, version, editor.SecretsOf(projectId)) is not { } set || await projects.GetAsync(projectId) is not { } project)
        {
            return new(PolicyAction.Off, [], 0, []) { Text = test.Text, Body = test.Body };
        }

        var isOutput = test.Stage == PolicyStage.Output;
        var role = test.Role switch
        {
            PolicyDocument.Role.System => PolicyRoles.System,
            PolicyDocument.Role.Assistant => PolicyRoles.Assistant,
            PolicyDocument.Role.Tool => PolicyRoles.Tool,
            PolicyDocument.Role.Definitions => PolicyRoles.Definitions,
            _ => isOutput ? PolicyRoles.Assistant : PolicyRoles.User,
        };
        var asks = (isOutput ? set.OutputGuardrails : set.Guardrails).Length > 0 ? 1 : 0;
        try
        {
            return Interlocked.Add(ref _asking, asks) > MaxAsking && asks > 0
                ? throw new RefusedException(new EdgeError(ErrorKind.RateLimitExceeded, $"{MaxAsking} other tests are asking guardrails at the moment. Try again in a second.") { RetryAfter = TimeSpan.FromSeconds(1) })
                : test.Body is { } body ? await TestBodyAsync(set, body, test.Endpoint, isOutput, project, cancellation)
                : await TestTextAsync(set, test.Text!, role, isOutput, project, cancellation);
        }
        finally
        {
            Interlocked.Add(ref _asking, -asks);
        }
    }

    private async Task<PolicyTestView> TestTextAsync(PolicySet set, string text, PolicyRoles role, bool isOutput, ProjectSnapshot project, CancellationToken cancellation)
    {
        // The text is converted to a JSON string, so that the test runs the same code as a request.
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text, AdminJson.Options));
        var result = await dryRun.TryAsync(set, json, project, isOutput, isEmbedded: false, role, cancellation);
        var characters = CharactersOf(json, result.Hits.SelectMany(static hit => new[] { hit.Hit.Range.Start, hit.Hit.Range.End }));
        return new(result.Action, [.. result.Hits.Select(hit => PolicyHitView.Of(hit) with { Start = characters[hit.Hit.Range.Start], Length = characters[hit.Hit.Range.End] - characters[hit.Hit.Range.Start], Where = null })], result.Microseconds, result.Reasons)
        {
            Text = JsonSerializer.Deserialize<string>(result.Sent),
            Guardrails = GuardrailTestView.Of(result.Asked),
        };
    }

    private async Task<PolicyTestView> TestBodyAsync(PolicySet set, JsonElement body, string? endpoint, bool isOutput, ProjectSnapshot project, CancellationToken cancellation)
    {
        var json = Encoding.UTF8.GetBytes(body.GetRawText());
        if (body.ValueKind != JsonValueKind.Object || json.Length > MaxBody)
        {
            throw new RefusedException(EdgeError.Invalid($"body must be a JSON object of at most {MaxBody} bytes.", "body"));
        }

        var isEmbedded = EndpointTable.Find("POST", new PathString(endpoint ?? "/v1/chat/completions"), out _, out _).Operation == Operation.Embeddings;
        var result = await dryRun.TryAsync(set, json, project, isOutput, isEmbedded, PolicyRoles.None, cancellation);
        return new(result.Action, [.. result.Hits.Select(PolicyHitView.Of)], result.Microseconds, result.Reasons) { Body = JsonSerializer.Deserialize<JsonElement>(result.Sent), Guardrails = GuardrailTestView.Of(result.Asked) };
    }

    // Converts byte offsets in the JSON string to character offsets in its text. The string is ASCII, because the serializer has escaped all other characters:
    // each byte or escape is one character.
    private static Dictionary<int, int> CharactersOf(byte[] json, IEnumerable<int> offsets)
    {
        var characters = new Dictionary<int, int>();
        var (at, count) = (1, 0);
        foreach (var offset in offsets.Distinct().Order())
        {
            for (; at < offset; count++)
            {
                at += json[at] != '\\' ? 1 : json[at + 1] == 'u' ? 6 : 2;
            }

            characters[offset] = count;
        }

        return characters;
    }
}

/// <summary>Result of a test of policies.</summary>
/// <param name="Action">The strictest action of all findings. <c>off</c>: there are no findings.</param>
/// <param name="Hits">The findings, in the order of their position.</param>
/// <param name="Microseconds">Duration of the test in microseconds.</param>
/// <param name="Reasons">The <c>reasons</c> in the error that a blocked caller would get.</param>
public sealed record PolicyTestView(PolicyAction Action, List<PolicyHitView> Hits, double Microseconds, IReadOnlyList<string> Reasons)
{
    /// <summary>The text after masking. Null: a body was tested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>The body after masking. Null: a text was tested.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Body { get; init; }

    /// <summary>Verdicts of guardrails, which run only if no other rule blocks. Null: no guardrail ran.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<GuardrailTestView>? Guardrails { get; init; }
}

/// <param name="Rule">Id of the rule.</param>
/// <param name="Verdict"><c>passed</c>, <c>hit</c> or <c>failed</c>.</param>
/// <param name="Milliseconds">Duration of the guardrail's call in milliseconds.</param>
public sealed record GuardrailTestView(string Rule, string Verdict, double Milliseconds)
{
    /// <summary>
    /// What happens to a request when the guardrail fails: <c>block</c> refuses the request with 503, <c>allow</c> lets it pass.
    /// Null: the guardrail did not fail.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GuardrailFailure? OnFailure { get; init; }

    /// <summary>The reason that the guardrail gave, or the cause of its failure. Null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    internal static List<GuardrailTestView>? Of(List<(PolicyRule Rule, GuardrailVerdict Verdict)> verdicts) => verdicts.Count == 0 ? null : verdicts.ConvertAll(static one => new GuardrailTestView(
        one.Rule.Id, one.Verdict.Fault is not null ? "failed" : one.Verdict.Blocks || one.Verdict.Hits.Count > 0 ? "hit" : "passed", one.Verdict.Time.TotalMilliseconds)
    {
        OnFailure = one.Verdict.Fault is null ? null : one.Rule.Guardrail!.BlocksOnFailure ? GuardrailFailure.Block : GuardrailFailure.Allow,
        Message = one.Verdict.Fault ?? one.Verdict.Message,
    });
}

/// <param name="Rule">Id of the rule.</param>
/// <param name="Kind">Kind of the rule.</param>
/// <param name="Action">Action of the rule.</param>
/// <param name="Start">Offset of the finding, in characters of a text or in bytes of a body.</param>
/// <param name="Length">Length of the finding, in the same unit.</param>
public sealed record PolicyHitView(string Rule, PolicyKind Kind, PolicyAction Action, int Start, int Length)
{
    /// <summary>Path of the finding in the body. Null: a text was tested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Where { get; init; }

    internal static PolicyHitView Of((BodyHit Hit, PolicyAction Action) found) =>
        new(found.Hit.Rule.Id, found.Hit.Rule.Kind, found.Action, found.Hit.Range.Start, found.Hit.Range.Length) { Where = found.Hit.Where };
}
