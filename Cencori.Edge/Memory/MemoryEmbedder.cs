using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges.InProcess;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Has texts embedded, by a request of the caller's own: limits, budgets, policies, routes and records hold for it as for any other.</summary>
internal sealed class MemoryEmbedder(InProcessClient client)
{
    /// <summary>What records, metrics and logs have as its endpoint.</summary>
    public const string Endpoint = "memory";

    private const string App = "memory";
    private const string Probe = "probe";

    // Of one request: providers bound it, and so does what is held here.
    private const int TextsAtOnce = 64;
    private const int MaxResponseBytes = 64 * 1024 * 1024;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="who">Who pays for it.</param>
    /// <param name="model">As a caller would name it.</param>
    /// <param name="dimensions">Numbers of each vector.</param>
    /// <param name="texts">At least one.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    /// <returns>Where only a part of many texts could be embedded, the others have no vector.</returns>
    public async Task<EmbeddingResult> EmbedAsync(MemoryCaller who, string model, int dimensions, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        var vectors = new List<float[]?>(texts.Count);
        foreach (var some in texts.Chunk(TextsAtOnce))
        {
            var embedded = await EmbedSomeAsync(who, model, dimensions, some, cancellation);
            if (embedded.Vectors is null && vectors.Count == 0)
            {
                return embedded;
            }

            if (embedded.Vectors is null)
            {
                // What is paid for is not thrown away.
                vectors.AddRange(Enumerable.Repeat<float[]?>(null, texts.Count - vectors.Count));
                break;
            }

            vectors.AddRange(embedded.Vectors);
        }

        return new(vectors, null, false);
    }

    /// <summary>Whether somebody may use a model, has money for it, and gets vectors of this length: not when thousands have been paid.</summary>
    /// <returns>Null, or why not.</returns>
    public async Task<EdgeError?> ProbeAsync(MemoryCaller who, string model, int dimensions, CancellationToken cancellation) =>
        await EmbedAsync(who, model, dimensions, [Probe], cancellation) is { Vectors: null, Error: { } unfit } ? unfit : null;

    private async Task<EmbeddingResult> EmbedSomeAsync(MemoryCaller who, string model, int dimensions, string[] texts, CancellationToken cancellation)
    {
        using var response = new BoundedStream(MaxResponseBytes);
        var exchange = await client.SendAsync(new InProcessRequest
        {
            ProjectId = who.Caller.Project.Id,
            Environment = who.Caller.Key.Environment,
            KeyId = who.Caller.Key.Id,
            As = who.Caller,
            RecordedAs = Endpoint,
            App = App,
            Path = "/v1/embeddings",
            Json = Write(model, dimensions, texts),
            Address = who.Address,
            Headers = who is { Agent: { } agent, Caller.Key.Type: KeyType.Secret } ? new Dictionary<string, string> { [AgentMiddleware.Header] = agent.Id } : new Dictionary<string, string>(),
        }, response, cancellation);
        var status = exchange?.Context.Response.StatusCode ?? 0;
        if (exchange is { Refusal: null } && status is >= 200 and < 300)
        {
            return Read(response.Written, model, dimensions, texts.Length);
        }

        cancellation.ThrowIfCancellationRequested();
        if (exchange is null)
        {
            return EmbeddingResult.Failed(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        }

        return exchange.Refusal is { } refusal
            ? new(null, Told(refusal, model), IsAway(refusal)) { IsOfText = refusal.Kind == ErrorKind.PolicyViolation || refusal.Kind == ErrorKind.RequestTooLarge }
            : Refused(status, model);
    }

    // What another try may mend is nobody's fault who stores something.
    private static bool IsAway(EdgeError refusal) =>
        refusal.Kind == ErrorKind.ProviderError || refusal.Kind == ErrorKind.ProviderUnavailable || refusal.Kind == ErrorKind.ProviderTimeout || refusal.Kind == ErrorKind.ProviderAuthFailed
        || refusal.Kind == ErrorKind.ProviderRateLimited || (refusal.Kind == ErrorKind.RateLimitExceeded && refusal.LimitedBy is not null);

    // Whoever reads it has named no model, and is at the native endpoint.
    private static EdgeError Told(EdgeError refusal, string model) =>
        refusal.Kind == ErrorKind.PolicyViolation ? refusal with { Status = StatusCodes.Status400BadRequest }
        : refusal.Param == "model" ? refusal with { Param = "embeddingModel", Message = $"{refusal.Message} It is '{model}', with which the namespace embeds." }
        : refusal;

    // The provider's own words pass to callers of its endpoints; what it says here is about a request that the caller has not written.
    private static EmbeddingResult Refused(int status, string model) => status switch
    {
        StatusCodes.Status429TooManyRequests => new(null, new EdgeError(ErrorKind.ProviderRateLimited, $"The provider has no room to embed with '{model}' now.") { LimitedBy = EdgeError.ByProvider }, true),
        >= 500 => new(null, new EdgeError(ErrorKind.ProviderError, $"The provider of '{model}' failed with {status}."), true),
        StatusCodes.Status404NotFound => EmbeddingResult.Failed(new EdgeError(ErrorKind.ModelNotFound, $"The provider does not know the model '{model}', or embeds nothing with it.") { Param = "embeddingModel" }),
        _ => EmbeddingResult.OfText(EdgeError.Invalid($"The provider refuses to embed this with '{model}' ({status}): the text may be too long for the model, or the model cannot give vectors of this length.")),
    };

    private static byte[] Write(string model, int dimensions, string[] texts)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, Plain))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteStartArray("input");
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
            if (!EmbeddingModels.IsNative(model, dimensions))
            {
                json.WriteNumber("dimensions", dimensions);
            }

            json.WriteEndObject();
        }

        return body.ToArray();
    }

    private static EmbeddingResult Read(ReadOnlySpan<byte> json, string model, int dimensions, int count)
    {
        var vectors = new float[]?[count];
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var position = 0;
            foreach (var item in document.RootElement.GetProperty("data").EnumerateArray())
            {
                var at = item.TryGetProperty("index", out var index) ? index.GetInt32() : position;
                position++;
                var numbers = item.GetProperty("embedding");
                if (numbers.GetArrayLength() != dimensions)
                {
                    return EmbeddingResult.Paid(EdgeError.Invalid($"The model '{model}' gives vectors of {numbers.GetArrayLength()} numbers, and the namespace has vectors of {dimensions}.", "dimensions"));
                }

                var vector = new float[dimensions];
                var i = 0;
                foreach (var number in numbers.EnumerateArray())
                {
                    vector[i++] = number.GetSingle();
                }

                if (at < 0 || at >= count || !Vectors.TryNormalize(vector))
                {
                    return Unreadable(model);
                }

                vectors[at] = vector;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Unreadable(model);
        }

        return Array.TrueForAll(vectors, vector => vector is not null) ? new(vectors, null, false) : Unreadable(model);
    }

    private static EmbeddingResult Unreadable(string model) => new(null, new EdgeError(ErrorKind.ProviderError, $"The provider of '{model}' answered with something that is no vector for each text."), true) { IsPaid = true };

    /// <summary>What is written to it, up to a bound.</summary>
    private sealed class BoundedStream(int most) : MemoryStream
    {
        public ReadOnlySpan<byte> Written => GetBuffer().AsSpan(0, (int)Length);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > most ? ValueTask.FromException(new IOException("The answer is too large.")) : base.WriteAsync(buffer, cancellationToken);
    }
}

/// <summary>What came of embedding.</summary>
/// <param name="Vectors">Of length 1, in the order of the texts; null for a text that has none. Null: there are none.</param>
/// <param name="Error">Why not.</param>
/// <param name="IsAway">The same may succeed later, and nobody who asked has done anything wrong.</param>
internal sealed record EmbeddingResult(IReadOnlyList<float[]?>? Vectors, EdgeError? Error, bool IsAway)
{
    /// <summary>It is one of the texts that cannot be embedded; others can.</summary>
    public bool IsOfText { get; init; }

    /// <summary>The provider has answered, and is paid for something that is of no use.</summary>
    public bool IsPaid { get; init; }

    public static EmbeddingResult Failed(EdgeError error) => new(null, error, false);

    public static EmbeddingResult OfText(EdgeError error) => new(null, error, false) { IsOfText = true };

    public static EmbeddingResult Paid(EdgeError error) => new(null, error, false) { IsPaid = true };
}
