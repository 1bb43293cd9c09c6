using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.Inner;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>
/// Tries a credential: one small request through the edge, which the project's limits and budget count, and its logs show as a test. Who had it
/// made stands in the audit log.
/// </summary>
internal sealed class ProviderTester(ProviderCatalog providers, ProjectCache projects, InnerDoor door, Changes changes, Prices prices, TimeProvider time)
{
    /// <summary>In the place of a key's id, in records of tests.</summary>
    public const string KeyId = "provider_test";

    /// <summary>What records of tests say of where they come from.</summary>
    public const string App = "provider test";

    /// <summary>A test that takes longer is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Pace<(string, string, KeyEnvironment)> _pace = new("This credential", "tested", time);

    /// <param name="actor">Who has it made.</param>
    /// <param name="projectId">Whose credential.</param>
    /// <param name="provider">As in yarp.json.</param>
    /// <param name="environment">Which of the credentials.</param>
    /// <param name="body">What else is asked for.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    /// <exception cref="RefusedException">There is no such project, provider or credential, no model is known, or it was tested a moment ago.</exception>
    public async Task<ProviderTestView> TestAsync(AuditActor actor, string projectId, string provider, KeyEnvironment environment, NewProviderTest body, CancellationToken cancellation)
    {
        var project = await projects.GetAsync(projectId) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        var definition = providers.Find(provider) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such provider."));
        if (project.Credential(provider, environment) is null && provider != ProviderDefinition.SandboxId)
        {
            throw new RefusedException(new EdgeError(ErrorKind.NotFound, "The project has no such provider key."));
        }

        var model = Model(body, definition, project);
        _pace.Begin((projectId, provider, environment));
        ProviderTestView? view = null;
        try
        {
            return view = await SendAsync(actor, projectId, definition, environment, model, cancellation);
        }
        finally
        {
            // Also of whoever has left before it was over: it may have cost something.
            await NoteAsync(actor, projectId, $"{provider} {environment}", model, view, cancellation.IsCancellationRequested);
        }
    }

    private Task NoteAsync(AuditActor actor, string projectId, string credential, string model, ProviderTestView? view, bool isAbandoned) => changes.NoteAsync(actor, new("provider.tested", projectId, credential)
    {
        After = new JsonObject
        {
            ["model"] = model,
            ["result"] = view is null || isAbandoned ? "abandoned" : JsonNamingPolicy.SnakeCaseLower.ConvertName(view.Result.ToString()),
            ["status"] = view?.Status,
            ["request_id"] = view?.RequestId,
        }.ToJsonString(),
    });

    private string Model(NewProviderTest body, ProviderDefinition provider, ProjectSnapshot project)
    {
        if (string.IsNullOrWhiteSpace(body.Model))
        {
            return TestRequest.UsualModel(provider, project, prices, time.GetUtcNow())
                ?? throw new RefusedException(EdgeError.Invalid($"Name a model to test with: yarp.json names none of '{provider.Id}'.", "model"));
        }

        return Checks.IsModel(body.Model) ? TestRequest.Own(provider, body.Model.Trim())
            : throw new RefusedException(EdgeError.Invalid($"A model's name has 1 to {Checks.MaxModelLength} characters, none of them a control character.", "model"));
    }

    private async Task<ProviderTestView> SendAsync(AuditActor actor, string projectId, ProviderDefinition provider, KeyEnvironment environment, string model, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        using var answer = new BeginningStream();
        var exchange = await door.SendAsync(
            new InnerRequest
            {
                ProjectId = projectId,
                Environment = environment,
                KeyId = KeyId,
                App = App,
                Path = "/v1/chat/completions",
                Json = TestRequest.Body(provider, model),
                Address = System.Net.IPAddress.TryParse(actor.Address, out var address) ? address : null,
                Headers = new Dictionary<string, string> { ["X-Cencori-Provider"] = provider.Id },
            },
            answer,
            either.Token) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        var said = exchange.Refusal is null && exchange.Last?.Status >= 400 ? MessageIn(answer.Bytes) : null;
        var verdict = TestVerdict.Of(exchange, said, late.IsCancellationRequested && exchange.Last is { HasEnded: false });
        return View(exchange, provider.Id, environment, model, verdict, said);
    }

    private ProviderTestView View(Exchange exchange, string provider, KeyEnvironment environment, string model, TestVerdict verdict, string? said)
    {
        var (attempt, now, arrived) = (exchange.Last, time.GetTimestamp(), exchange.Clock.ArrivedAt);
        var sent = attempt is { ForwardedAt: not 0 } ? attempt.ForwardedAt : now;
        double? wait = attempt is { AnsweredAt: not 0 } ? Milliseconds(sent, attempt.AnsweredAt) : null;
        double? rest = wait is not null && attempt!.LastByteAt != 0 ? Milliseconds(attempt.AnsweredAt, attempt.LastByteAt) : null;
        return new(provider, environment, model, verdict.Result, verdict.Message, said, attempt?.Status, exchange.Context.TraceIdentifier, Milliseconds(arrived, sent), wait, rest, Milliseconds(arrived, now), attempt is null ? 0 : exchange.Bill.CostUsd);
    }

    private double Milliseconds(long from, long to) => Math.Round(time.GetElapsedTime(from, to).TotalMilliseconds, 3);

    // As OpenAI tells errors, or as Google does, in a list.
    private static string? MessageIn(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error)
                ? Text(error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? message : error)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            return null;
        }
    }

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() is { Length: > 500 } text ? text[..500] + "…" : element.GetString() : null;
}
