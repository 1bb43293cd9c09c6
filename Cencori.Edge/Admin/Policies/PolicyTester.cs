using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Screening;
using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Says what policies would do with a text or a body, saved or not. Nothing of it is kept.</summary>
internal sealed class PolicyTester(PolicyEditor editor, ProjectCache projects, PolicyDryRun dryRun)
{
    private const int MaxText = 100_000;
    private const int MaxBody = 1_000_000;

    /// <exception cref="RefusedException">It cannot be tested.</exception>
    public async Task<PolicyTestView> TestAsync(string projectId, PolicyTest test, CancellationToken cancellation)
    {
        if ((test.Text is null) == (test.Body is null))
        {
            throw new RefusedException(EdgeError.Invalid("Send a text or a body.", "text"));
        }

        if (test.Text is { Length: 0 or > MaxText })
        {
            throw new RefusedException(EdgeError.Invalid($"text has 1 to {MaxText} characters.", "text"));
        }

        var saved = (await editor.GetAsync(projectId)).Value;
        var document = test.Policies is { } unsaved ? await editor.SealAsync(projectId, unsaved) : await editor.StoredAsync(projectId);
        if (PolicySet.Of(document, saved.Version, editor.SecretsOf(projectId)) is not { } set || await projects.GetAsync(projectId) is not { } project)
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
        return test.Body is { } body ? await TestBodyAsync(set, body, test.Endpoint, isOutput, project, cancellation) : await TestTextAsync(set, test.Text!, role, isOutput, project, cancellation);
    }

    private async Task<PolicyTestView> TestTextAsync(PolicySet set, string text, PolicyRoles role, bool isOutput, ProjectSnapshot project, CancellationToken cancellation)
    {
        // As a JSON text, so that the very same way is tried.
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text, AdminJson.Options));
        var result = await dryRun.TryAsync(set, json, project, isOutput, isEmbedded: false, role, cancellation);
        return new(result.Action, [.. result.Hits.Select(hit => PolicyHitView.Of(hit) with { Start = CharacterOf(json, hit.Hit.Range.Start), Length = CharacterOf(json, hit.Hit.Range.End) - CharacterOf(json, hit.Hit.Range.Start), Where = null })], result.Microseconds, result.Reasons)
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
            throw new RefusedException(EdgeError.Invalid($"body is a JSON object of at most {MaxBody} bytes.", "body"));
        }

        var isEmbedded = EndpointTable.Find("POST", new PathString(endpoint ?? "/v1/chat/completions"), out _, out _).Operation == Operation.Embeddings;
        var result = await dryRun.TryAsync(set, json, project, isOutput, isEmbedded, PolicyRoles.None, cancellation);
        return new(result.Action, [.. result.Hits.Select(PolicyHitView.Of)], result.Microseconds, result.Reasons) { Body = JsonSerializer.Deserialize<JsonElement>(result.Sent), Guardrails = GuardrailTestView.Of(result.Asked) };
    }

    // Of the text that the inside of a JSON string stands for.
    private static int CharacterOf(ReadOnlySpan<byte> json, int end)
    {
        var reader = new Utf8JsonReader((byte[])[.. json[..end], (byte)'"']);
        reader.Read();
        return reader.GetString()!.Length;
    }
}

/// <summary>What policies would do.</summary>
/// <param name="Action">The strictest of all hits; <c>off</c>: there are none.</param>
/// <param name="Hits">What was found, in order.</param>
/// <param name="Microseconds">What it took.</param>
/// <param name="Reasons">What a caller would be told where something blocks.</param>
public sealed record PolicyTestView(PolicyAction Action, List<PolicyHitView> Hits, double Microseconds, IReadOnlyList<string> Reasons)
{
    /// <summary>The text as it would go on. Null: a body was tested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>The body as it would go on. Null: a text was tested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Body { get; init; }

    /// <summary>What guardrails have said, which are asked where nothing else blocks. Null: none was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<GuardrailTestView>? Guardrails { get; init; }
}

/// <param name="Rule">Its id.</param>
/// <param name="Verdict"><c>passed</c>, <c>hit</c> or <c>failed</c>.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record GuardrailTestView(string Rule, string Verdict, double Milliseconds)
{
    /// <summary>Of what failed: <c>block</c> refuses such a request with 503, <c>allow</c> lets it pass. Null: nothing failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GuardrailFailure? OnFailure { get; init; }

    /// <summary>Why, in its own words, or why it failed, in ours. Null: it does not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    internal static List<GuardrailTestView>? Of(List<(PolicyRule Rule, GuardrailVerdict Verdict)> asked) => asked.Count == 0 ? null : asked.ConvertAll(static one => new GuardrailTestView(
        one.Rule.Id, one.Verdict.Fault is not null ? "failed" : one.Verdict.Blocks || one.Verdict.Hits.Count > 0 ? "hit" : "passed", one.Verdict.Time.TotalMilliseconds)
    {
        OnFailure = one.Verdict.Fault is null ? null : one.Rule.Guardrail!.BlocksOnFailure ? GuardrailFailure.Block : GuardrailFailure.Allow,
        Message = one.Verdict.Fault ?? one.Verdict.Told,
    });
}

/// <param name="Rule">Its id.</param>
/// <param name="Kind">What it looks for.</param>
/// <param name="Action">What would become of it there.</param>
/// <param name="Start">Of a text: the character; of a body: the byte.</param>
/// <param name="Length">Likewise.</param>
public sealed record PolicyHitView(string Rule, PolicyKind Kind, PolicyAction Action, int Start, int Length)
{
    /// <summary>Of a body: the path. Null: it is a text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Where { get; init; }

    internal static PolicyHitView Of((BodyHit Hit, PolicyAction Action) found) =>
        new(found.Hit.Rule.Id, found.Hit.Rule.Kind, found.Action, found.Hit.Range.Start, found.Hit.Range.Length) { Where = found.Hit.Where };
}
