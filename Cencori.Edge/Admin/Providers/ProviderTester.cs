using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.InProcess;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>
/// Tests a credential by sending one small request through the edge's own pipeline. The project's limits and budget count the request, the logs show it as a test, and the
/// audit log names the person who started the test.
/// </summary>
internal sealed class ProviderTester(ProviderCatalog providers, ProjectCache projects, ProviderKeyEditor keys, InProcessClient client, Changes changes, Prices prices, TimeProvider time)
{
    /// <summary>Replaces the id of the API key in request records of tests, because a test uses no API key.</summary>
    public const string KeyId = "provider_test";

    /// <summary>The app name in request records of tests.</summary>
    public const string App = "provider test";

    /// <summary>Timeout of a test.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly Throttle<(string, string)> _throttle = new("This credential", "tested", time);

    /// <param name="actor">Who starts the test.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="credential">The credential to test. It may be disabled. No other credential is used instead.</param>
    /// <param name="body">Options of the test.</param>
    /// <param name="cancellation">Cancels the test.</param>
    /// <exception cref="RefusedException">Project, provider or credential do not exist, no model is known, or the credential was tested a moment ago.</exception>
    public async Task<ProviderTestView> TestAsync(AuditActor actor, string projectId, CredentialRef credential, NewProviderTest body, CancellationToken cancellation)
    {
        var project = await projects.GetAsync(projectId) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        var row = await keys.FindAsync(projectId, credential);
        if (row is null && (credential.IsById || (providers.Find(credential.Provider) is not null && credential.Provider != ProviderDefinition.SandboxId)))
        {
            throw ProviderKeyEditor.KeyNotFound();
        }

        var definition = providers.Find(row?.Provider ?? credential.Provider) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such provider."));
        var tested = new Tested(definition, row?.Environment ?? credential.Environment, row is null ? null : projects.Open(row));
        var model = Model(body, tested, project);
        _throttle.Begin((projectId, tested.Object));
        ProviderTestView? view = null;
        try
        {
            return view = await SendAsync(actor, projectId, tested, model, cancellation);
        }
        finally
        {
            // The audit entry is written also after a disconnect, because the request may have caused costs.
            await NoteAsync(actor, projectId, tested, model, view, cancellation.IsCancellationRequested);
        }
    }

    private Task NoteAsync(AuditActor actor, string projectId, Tested tested, string model, ProviderTestView? view, bool isAbandoned) => changes.NoteAsync(actor, new("provider.tested", projectId, tested.Object)
    {
        After = new JsonObject
        {
            ["provider"] = tested.Provider.Id,
            ["environment"] = tested.Environment.ToString().ToLowerInvariant(),
            ["model"] = model,
            ["result"] = view is null || isAbandoned ? "abandoned" : JsonNamingPolicy.SnakeCaseLower.ConvertName(view.Result.ToString()),
            ["status"] = view?.Status,
            ["request_id"] = view?.RequestId,
        }.ToJsonString(),
    });

    private string Model(NewProviderTest body, Tested tested, ProjectSnapshot project)
    {
        var (provider, allowed) = (tested.Provider, tested.Only?.Models);
        if (string.IsNullOrWhiteSpace(body.Model))
        {
            return TestRequest.DefaultModel(provider, project, prices, time.GetUtcNow(), allowed)
                ?? throw new RefusedException(EdgeError.Invalid($"Name a model for the test: yarp.json has no suitable model of '{provider.Id}'{(allowed is null ? "" : " that the credential is for")}.", "model"));
        }

        if (!Checks.IsModel(body.Model))
        {
            throw new RefusedException(EdgeError.Invalid($"A model's name must have 1 to {Checks.MaxModelLength} characters, none of them a control character.", "model"));
        }

        var own = TestRequest.Own(provider, body.Model.Trim());
        return allowed?.Allows(provider.Id, own) != false ? own : throw new RefusedException(EdgeError.Invalid("The model must be one that the credential allows. Test another model, or add this model to the credential.", "model"));
    }

    private async Task<ProviderTestView> SendAsync(AuditActor actor, string projectId, Tested tested, string model, CancellationToken cancellation)
    {
        var provider = tested.Provider;
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var response = new TruncatingStream();
        var exchange = await client.SendAsync(
            new InProcessRequest
            {
                ProjectId = projectId,
                Environment = tested.Environment,
                Credential = tested.Only,
                KeyId = KeyId,
                App = App,
                Path = "/v1/chat/completions",
                Json = TestRequest.Body(provider, model),
                Address = System.Net.IPAddress.TryParse(actor.Address, out var address) ? address : null,
                Headers = new Dictionary<string, string> { ["X-Cencori-Provider"] = provider.Id },
            },
            response,
            linked.Token) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        var providerMessage = exchange.Refusal is null && exchange.Last?.Status >= 400 ? MessageIn(response.Bytes) : null;
        var verdict = TestVerdict.Of(exchange, providerMessage, deadline.IsCancellationRequested && exchange.Last is { HasEnded: false });
        return View(exchange, tested, model, verdict, providerMessage);
    }

    private ProviderTestView View(Exchange exchange, Tested tested, string model, TestVerdict verdict, string? providerMessage)
    {
        var (attempt, now, arrived) = (exchange.Last, time.GetTimestamp(), exchange.Clock.ArrivedAt);
        var sent = attempt is { ForwardedAt: not 0 } ? attempt.ForwardedAt : now;
        double? wait = attempt is { RespondedAt: not 0 } ? Milliseconds(sent, attempt.RespondedAt) : null;
        double? rest = wait is not null && attempt!.LastByteAt != 0 ? Milliseconds(attempt.RespondedAt, attempt.LastByteAt) : null;
        return new(tested.Provider.Id, tested.Environment, tested.Only?.Id, model, verdict.Result, verdict.Message, providerMessage, attempt?.Status, exchange.Context.TraceIdentifier, Milliseconds(arrived, sent), wait, rest, Milliseconds(arrived, now), attempt is null ? 0 : exchange.Bill.CostUsd);
    }

    private double Milliseconds(long from, long to) => Math.Round(time.GetElapsedTime(from, to).TotalMilliseconds, 3);

    // Finds the error message in the formats of OpenAI and of Google, which sends a list.
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
            // The message has an unpaired surrogate, which is valid JSON but not a valid text.
            return null;
        }
    }

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() is { Length: > 500 } text ? PlainText.Cut(text, 500) + "…" : element.GetString() : null;

    /// <param name="Provider">Provider of the credential.</param>
    /// <param name="Environment">Environment of the credential.</param>
    /// <param name="Only">The credential. Null: the built-in sandbox provider needs none.</param>
    private sealed record Tested(ProviderDefinition Provider, KeyEnvironment Environment, ProviderCredential? Only)
    {
        /// <summary>Id of the tested object in the audit log.</summary>
        public string Object => Only?.Id ?? $"{Provider.Id} {Environment}";
    }
}
