using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cencori.Edge.Providers.Sandbox.Generation;
using Cencori.Edge.Providers.Sandbox.Media;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// A provider inside the process. Requests that the forwarder would send over the network end here and get responses in OpenAI's shapes. Credentials are
/// ignored. The model's name selects the behaviour, see <see cref="SandboxModel"/>.
/// </summary>
internal sealed class SandboxHandler(TimeProvider time) : HttpMessageHandler
{
    private const string TranscriptionsPath = "/v1/audio/transcriptions";
    private const string TranslationsPath = "/v1/audio/translations";

    private static readonly HttpRequestOptionsKey<string> Caller = new("Cencori.Edge.Sandbox.Caller");

    private readonly SandboxWork _work = new(time);

    private delegate SandboxReply Endpoint(RequestReader body, SandboxModel model, TimeProvider time);

    /// <summary>Sets the id of the caller's API key, to whose work limit the request counts. A request without an id has no work limit.</summary>
    public static void SetCaller(HttpRequestMessage request, string key) => request.Options.Set(Caller, key);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await RespondAsync(request, cancellationToken);
        response.RequestMessage = request;
        return response;
    }

    private async Task<HttpResponseMessage> RespondAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri?.AbsolutePath ?? "/";
        if (request.Method == HttpMethod.Get && path == "/v1/models")
        {
            return Json(SandboxJson.Write(ModelList.WriteAll));
        }

        if (request.Method == HttpMethod.Get && path.StartsWith("/v1/models/", StringComparison.Ordinal))
        {
            var id = Uri.UnescapeDataString(path["/v1/models/".Length..]);
            return ModelList.Contains(id) ? Json(SandboxJson.Write(json => ModelList.WriteOne(json, id))) : ModelList.Unknown(id).ToResponse();
        }

        var endpoint = EndpointFor(path);
        if (request.Method != HttpMethod.Post || (endpoint is null && path is not (TranscriptionsPath or TranslationsPath)))
        {
            return SandboxError.NotFound($"Invalid URL ({request.Method} {path})").ToResponse();
        }

        _ = request.Options.TryGetValue(Caller, out var caller);
        if (_work.Wait(caller) is { Ticks: > 0 } wait)
        {
            return SandboxError.Busy(wait).ToResponse();
        }

        if (endpoint is null)
        {
            return await RespondToFormAsync(request.Content, path, caller, cancellationToken);
        }

        await using var body = await BoundedBody.ReadAsync(request.Content, cancellationToken);
        if (body.IsTooLarge)
        {
            return SandboxError.Invalid($"The body of your request is longer than {BoundedBody.MaxBytes} bytes.", code: "context_length_exceeded").ToResponse();
        }

        _work.HasRead(caller, body.Length);
        var (model, reply) = Decide(endpoint, path, body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken);
        return await PaceAsync(model, reply, caller, cancellationToken);
    }

    private async Task<HttpResponseMessage> RespondToFormAsync(HttpContent? content, string path, string? caller, CancellationToken cancellationToken)
    {
        if (await AudioForm.ReadAsync(content, cancellationToken) is not { } form)
        {
            return SandboxError.Invalid("The body of your request must be a form of the type multipart/form-data.").ToResponse();
        }

        // Audio is only read, not split into tokens. So each byte counts as one written byte against the work limit, without the ReadFactor of SandboxWork.
        _work.HasWritten(caller, form.AudioBytes ?? 0);
        var model = SandboxModel.Parse(form["model"] ?? "");
        var reply = UnsupportedModel(model) is { } error ? new SandboxReply.Refused(error) : Transcriptions.Respond(form, model, path == TranslationsPath);
        return await PaceAsync(model, reply, caller, cancellationToken);
    }

    private async Task<HttpResponseMessage> PaceAsync(SandboxModel model, SandboxReply reply, string? caller, CancellationToken cancellationToken)
    {
        var pacing = new SandboxPacing(model, time);
        switch (reply)
        {
            case SandboxReply.Refused { Error: var error }:
                return error.ToResponse();
            case SandboxReply.Events { Items: var events }:
                // SandboxStream enumerates the pieces with its own cancellation token, which is also cancelled when the request is cancelled.
                var pieces = pacing.PaceAsync(events, CancellationToken.None);
                return Streamed(caller is null ? pieces : CountAsync(pieces, caller, CancellationToken.None), "text/event-stream", cancellationToken);
            case SandboxReply.Json { Body: var json }:
                return await WholeAsync(pacing, model, json, "application/json", caller, cancellationToken);
            case SandboxReply.Bytes { Body: var bytes, ContentType: var type }:
                return await WholeAsync(pacing, model, bytes, type, caller, cancellationToken);
            default:
                throw new InvalidOperationException($"No response for {reply.GetType()}.");
        }
    }

    private async Task<HttpResponseMessage> WholeAsync(SandboxPacing pacing, SandboxModel model, byte[] body, string type, string? caller, CancellationToken cancellationToken)
    {
        if (model.Behaviour == SandboxBehaviour.BreakingStream)
        {
            return Streamed(SandboxPacing.BreakAsync(body), type, cancellationToken);
        }

        _work.HasWritten(caller, body.Length);
        await pacing.WaitBeforeJsonAsync(cancellationToken);
        return Whole(body, type);
    }

    // Counts the bytes of a stream to the work limit of the caller's API key. A stream that has begun is never rejected,
    // but waits while the key is over its limit.
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> CountAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, string caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            while (_work.Wait(caller) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            _work.HasWritten(caller, piece.Length);
            yield return piece;
        }
    }

    private static Endpoint? EndpointFor(string path) => path switch
    {
        "/v1/chat/completions" => ChatCompletions.Respond,
        "/v1/completions" => Completions.Respond,
        "/v1/embeddings" => Embeddings.Respond,
        "/v1/responses" => Responses.Respond,
        "/v1/moderations" => Moderations.Respond,
        "/v1/images/generations" => Images.Respond,
        "/v1/audio/speech" => Speech.Respond,
        _ => null,
    };

    private (SandboxModel Model, SandboxReply Reply) Decide(Endpoint endpoint, string path, ReadOnlyMemory<byte> body, CancellationToken aborted)
    {
        var model = SandboxModel.Parse(path == "/v1/moderations" ? Moderations.DefaultModel : "");
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (model, Refused("The body must be a JSON object."));
            }

            var reader = new RequestReader(document.RootElement, aborted);
            model = reader.Text("model") is { Length: > 0 } name ? SandboxModel.Parse(name) : model;
            return (model, (reader.Error ?? UnsupportedModel(model)) is { } error ? new SandboxReply.Refused(error) : endpoint(reader, model, time));
        }
        catch (JsonException)
        {
            return (model, Refused("We could not parse the JSON body of your request."));
        }
        catch (InvalidOperationException)
        {
            // JsonDocument checks the structure while it parses. It reports broken UTF-8 or an unpaired surrogate only when that string is read.
            return (model, Refused("The JSON body of your request holds text that is not valid Unicode."));
        }
    }

    private static SandboxError? UnsupportedModel(SandboxModel model) =>
        model.Name.Length == 0 ? SandboxError.Invalid("You must provide a model parameter.", "model")
        : model.Name.Length > SandboxModel.LongestName ? SandboxError.Invalid($"'model' must not be longer than {SandboxModel.LongestName} characters.", "model")
        : model.Behaviour == SandboxBehaviour.Failing ? SandboxError.ForStatus(model.Number)
        : null;

    private static SandboxReply.Refused Refused(string message) => new(SandboxError.Invalid(message));

    private static HttpResponseMessage Json(byte[] body) => Whole(body, "application/json");

    private static HttpResponseMessage Whole(byte[] body, string type) => new(HttpStatusCode.OK)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } },
    };

    private static HttpResponseMessage Streamed(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, string mediaType, CancellationToken aborted) => new(HttpStatusCode.OK)
    {
        Content = new StreamContent(new SandboxStream(pieces, aborted)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } },
    };
}
