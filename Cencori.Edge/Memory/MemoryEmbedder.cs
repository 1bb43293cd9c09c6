using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges.InProcess;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Embeds texts by sending an embeddings request through the edge's own pipeline. The caller's limits, budgets, policies, routes and records apply as for any request.</summary>
internal sealed class MemoryEmbedder(InProcessClient client, TimeProvider time)
{
    /// <summary>The endpoint name of embedding requests in records, metrics and logs.</summary>
    public const string Endpoint = "memory";

    /// <summary>How long a caller waits for vectors. After that time, entries are stored without vectors, and searches go by words.</summary>
    public static readonly TimeSpan CallerTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long the background work and a change of the model wait for the vectors of one request. A model may have to be loaded first.</summary>
    public static readonly TimeSpan BackgroundTimeout = TimeSpan.FromSeconds(60);

    private const string App = "memory";
    private const string Probe = "probe";

    // Maximum number of texts per request. Providers limit this number, and a batch also bounds the memory that the edge uses.
    private const int TextsAtOnce = 64;
    private const int MaxResponseBytes = 64 * 1024 * 1024;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="who">The caller who pays for the request.</param>
    /// <param name="model">The embedding model, written as a caller would write it.</param>
    /// <param name="dimensions">Dimensions of each vector.</param>
    /// <param name="texts">The texts. At least one.</param>
    /// <param name="timeout">How long to wait for all vectors. After that time, the result is a transient failure.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <returns>The vectors or the error. If the provider was unavailable after the first batches, the remaining texts have no vector.</returns>
    public async Task<EmbeddingResult> EmbedAsync(MemoryCaller who, string model, int dimensions, IReadOnlyList<string> texts, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        var vectors = new List<float[]?>(texts.Count);
        foreach (var some in texts.Chunk(TextsAtOnce))
        {
            EmbeddingResult embedded;
            try
            {
                embedded = await EmbedSomeAsync(who, model, dimensions, some, linked.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                embedded = new(null, new EdgeError(ErrorKind.ProviderTimeout, $"The provider of '{model}' did not return vectors within {(int)timeout.TotalSeconds} seconds."), true);
            }

            if (embedded.Vectors is null && (vectors.Count == 0 || !embedded.IsTransient))
            {
                return embedded;
            }

            if (embedded.Vectors is null)
            {
                // The vectors of earlier batches are kept, because they are paid for.
                vectors.AddRange(Enumerable.Repeat<float[]?>(null, texts.Count - vectors.Count));
                break;
            }

            vectors.AddRange(embedded.Vectors);
        }

        return new(vectors, null, false);
    }

    /// <summary>Embeds one word to check that the caller may use the model, can pay, and gets vectors of this length, before thousands of texts are paid for.</summary>
    public Task<EmbeddingResult> ProbeAsync(MemoryCaller who, string model, int dimensions, CancellationToken cancellation) =>
        EmbedAsync(who, model, dimensions, [Probe], BackgroundTimeout, cancellation);

    private async Task<EmbeddingResult> EmbedSomeAsync(MemoryCaller who, string model, int dimensions, string[] texts, CancellationToken cancellation)
    {
        using var response = new BoundedStream(MaxResponseBytes);
        var exchange = await client.SendAsync(new InProcessRequest
        {
            ProjectId = who.Caller.Project.Id,
            Environment = who.Caller.Key.Environment,
            KeyId = who.Caller.Key.Id,
            ParentCaller = who.Caller,
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
            var read = Read(response.Written, model, dimensions, texts.Length);
            if (read.Vectors is null)
            {
                // The edge itself has cut off the response.
                cancellation.ThrowIfCancellationRequested();
            }

            // A response that broke off is like any other failure of the provider. A complete one is paid for, also if it is unusable.
            return read.Vectors is null && exchange.Last is { End: AttemptEnd.Failed } ? read with { IsPaid = false } : read;
        }

        cancellation.ThrowIfCancellationRequested();
        if (exchange is null)
        {
            return EmbeddingResult.Failed(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        }

        return exchange.Refusal is { } refusal
            ? new(null, ForNativeApi(refusal, model), IsTransient(refusal)) { IsOfText = refusal.Kind == ErrorKind.PolicyViolation || refusal.Kind == ErrorKind.RequestTooLarge }
            : Refused(status, model);
    }

    // True for temporary errors that are not the caller's fault. The entry is then stored without a vector.
    private static bool IsTransient(EdgeError refusal) =>
        refusal.Kind == ErrorKind.ProviderError || refusal.Kind == ErrorKind.ProviderUnavailable || refusal.Kind == ErrorKind.ProviderTimeout || refusal.Kind == ErrorKind.ProviderAuthFailed
        || refusal.Kind == ErrorKind.ProviderRateLimited || (refusal.Kind == ErrorKind.RateLimitExceeded && refusal.LimitedBy is not null);

    // Adapts the status and parameter of an error: the caller uses the memory API and has not named a model.
    private static EdgeError ForNativeApi(EdgeError refusal, string model) =>
        refusal.Kind == ErrorKind.PolicyViolation ? refusal with { Status = StatusCodes.Status400BadRequest }
        : refusal.Param == "model" ? refusal with { Param = "embeddingModel", Message = $"{refusal.Message} The namespace embeds with the model '{model}'." }
        : refusal;

    // Maps a provider's error status. The provider's message is not passed on, because it is about a request that the caller did not write.
    private static EmbeddingResult Refused(int status, string model) => status switch
    {
        StatusCodes.Status429TooManyRequests => new(null, new EdgeError(ErrorKind.ProviderRateLimited, $"The provider limits the rate of requests to '{model}'. Try again later.") { LimitedBy = EdgeError.ByProvider }, true),

        // Like 401: the provider refuses the credential or has no time now, whatever the text is.
        StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden or StatusCodes.Status408RequestTimeout or StatusCodes.Status409Conflict or StatusCodes.Status423Locked or 425
            => new(null, new EdgeError(ErrorKind.ProviderError, $"The provider of '{model}' refused the request with {status}."), true),
        >= 500 => new(null, new EdgeError(ErrorKind.ProviderError, $"The provider of '{model}' failed with {status}."), true),
        StatusCodes.Status404NotFound => EmbeddingResult.Failed(new EdgeError(ErrorKind.ModelNotFound, $"The provider does not know the model '{model}', or the model does not embed.") { Param = "embeddingModel" }),
        StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status422UnprocessableEntity
            => EmbeddingResult.OfText(EdgeError.Invalid($"The provider refuses to embed a text with '{model}' ({status}): the text may be too long for the model, or the model cannot give vectors of this length.")),
        _ => EmbeddingResult.Failed(EdgeError.Invalid($"The provider of '{model}' refused the request with {status}.")),
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
                    return EmbeddingResult.Paid(EdgeError.Invalid($"The model '{model}' gives vectors of {numbers.GetArrayLength()} numbers, but the vectors of the namespace have {dimensions}.", "dimensions"));
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

    private static EmbeddingResult Unreadable(string model) => new(null, new EdgeError(ErrorKind.ProviderError, $"The provider of '{model}' did not return a valid vector for each text."), true) { IsPaid = true };

    /// <summary>Collects a response in memory. Throws if the response exceeds the limit.</summary>
    private sealed class BoundedStream(int max) : MemoryStream
    {
        public ReadOnlySpan<byte> Written => GetBuffer().AsSpan(0, (int)Length);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > max ? ValueTask.FromException(new IOException("The response is too large.")) : base.WriteAsync(buffer, cancellationToken);
    }
}

/// <summary>The result of embedding texts.</summary>
/// <param name="Vectors">The normalized vectors, in the order of the texts. An item is null if its text has no vector. The list is null if the request failed.</param>
/// <param name="Error">Why a request failed. Null: no request failed.</param>
/// <param name="IsTransient">True: the failure is temporary and not the caller's fault.</param>
internal sealed record EmbeddingResult(IReadOnlyList<float[]?>? Vectors, EdgeError? Error, bool IsTransient)
{
    /// <summary>True: the failure is due to the given texts. Other texts may succeed.</summary>
    public bool IsOfText { get; init; }

    /// <summary>True: the provider charged for a response that cannot be used.</summary>
    public bool IsPaid { get; init; }

    public static EmbeddingResult Failed(EdgeError error) => new(null, error, false);

    public static EmbeddingResult OfText(EdgeError error) => new(null, error, false) { IsOfText = true };

    public static EmbeddingResult Paid(EdgeError error) => new(null, error, false) { IsPaid = true };
}
