using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Says what policies would do with a text or a body, saved or not. Nothing of it is kept.</summary>
internal sealed class PolicyDesk(PolicyEditor editor, PolicyTrial trial)
{
    private const int MaxText = 100_000;
    private const int MaxBody = 1_000_000;

    /// <exception cref="RefusedException">It cannot be tested.</exception>
    public async Task<PolicyTestView> TestAsync(string projectId, PolicyTest test)
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
        var document = test.Policies ?? saved.Document;
        PolicyEditor.Check(document);
        if (PolicySet.Of(document, saved.Version) is not { } set)
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
        return test.Body is { } body ? TestBody(set, body, test.Endpoint, isOutput, projectId) : TestText(set, test.Text!, role, isOutput, projectId);
    }

    private PolicyTestView TestText(PolicySet set, string text, PolicyRoles role, bool isOutput, string projectId)
    {
        // As a JSON text, so that the very same way is tried.
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text, AdminJson.Options));
        var result = trial.Try(set, json, projectId, isOutput, isEmbedded: false, role);
        return new(result.Action, [.. result.Hits.Select(hit => PolicyHitView.Of(hit) with { Start = CharacterOf(json, hit.Hit.Range.Start), Length = CharacterOf(json, hit.Hit.Range.End) - CharacterOf(json, hit.Hit.Range.Start), Where = null })], result.Microseconds, result.Reasons)
        {
            Text = JsonSerializer.Deserialize<string>(result.Sent),
        };
    }

    private PolicyTestView TestBody(PolicySet set, JsonElement body, string? endpoint, bool isOutput, string projectId)
    {
        var json = Encoding.UTF8.GetBytes(body.GetRawText());
        if (body.ValueKind != JsonValueKind.Object || json.Length > MaxBody)
        {
            throw new RefusedException(EdgeError.Invalid($"body is a JSON object of at most {MaxBody} bytes.", "body"));
        }

        var isEmbedded = EndpointTable.Find("POST", new PathString(endpoint ?? "/v1/chat/completions"), out _, out _).Operation == Operation.Embeddings;
        var result = trial.Try(set, json, projectId, isOutput, isEmbedded, PolicyRoles.None);
        return new(result.Action, [.. result.Hits.Select(PolicyHitView.Of)], result.Microseconds, result.Reasons) { Body = JsonSerializer.Deserialize<JsonElement>(result.Sent) };
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
