using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// A provider inside the process: what a forwarder would send over the network ends here and is answered in OpenAI's shapes. Credentials are
/// not looked at. The model's name chooses the behaviour, see <see cref="SandboxModel"/>.
/// </summary>
internal sealed class SandboxHandler(TimeProvider time) : HttpMessageHandler
{
    private static readonly HttpRequestOptionsKey<string> Caller = new("Cencori.Edge.Sandbox.Caller");

    private readonly SandboxWork _work = new(time);

    private delegate SandboxReply Endpoint(RequestReader body, SandboxModel model, TimeProvider time);

    /// <summary>Tells for which key the request is made. Who is not told of works for nobody, without a bound.</summary>
    public static void SetCaller(HttpRequestMessage request, string key) => request.Options.Set(Caller, key);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await AnswerAsync(request, cancellationToken);
        response.RequestMessage = request;
        return response;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
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

        if (request.Method != HttpMethod.Post || EndpointFor(path) is not { } endpoint)
        {
            return SandboxError.NotFound($"Invalid URL ({request.Method} {path})").ToResponse();
        }

        _ = request.Options.TryGetValue(Caller, out var caller);
        if (_work.Wait(caller) is { Ticks: > 0 } wait)
        {
            return SandboxError.Busy(wait).ToResponse();
        }

        await using var body = await BoundedBody.ReadAsync(request.Content, cancellationToken);
        if (body.IsTooLarge)
        {
            return SandboxError.Invalid($"The body of your request is longer than {BoundedBody.MostBytes} bytes.", code: "context_length_exceeded").ToResponse();
        }

        _work.HasRead(caller, body.Length);
        var (model, reply) = Decide(endpoint, path, body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken);
        var pace = new SandboxPace(model, time);
        switch (reply)
        {
            case SandboxReply.Refused { Error: var error }:
                return error.ToResponse();
            case SandboxReply.Events { Items: var events }:
                // The stream hands in its own token, which also follows this request's.
                var pieces = pace.PaceAsync(events, CancellationToken.None);
                return Streamed(caller is null ? pieces : CountAsync(pieces, caller, CancellationToken.None), "text/event-stream", cancellationToken);
            case SandboxReply.Json { Body: var json } when model.Behaviour == SandboxBehaviour.BreakingStream:
                return Streamed(SandboxPace.BreakAsync(json), "application/json", cancellationToken);
            case SandboxReply.Json { Body: var json }:
                _work.HasWritten(caller, json.Length);
                await pace.WaitBeforeJsonAsync(cancellationToken);
                return Json(json);
            default:
                throw new InvalidOperationException($"No answer for {reply.GetType()}.");
        }
    }

    // A stream that has begun is not refused, but goes on as fast as there is something left for its key.
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
        "/v1/chat/completions" => ChatCompletions.Answer,
        "/v1/completions" => Completions.Answer,
        "/v1/embeddings" => Embeddings.Answer,
        "/v1/responses" => Responses.Answer,
        "/v1/moderations" => Moderations.Answer,
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
            if (model.Name.Length == 0)
            {
                reader.Refuse("model", "You must provide a model parameter.");
            }
            else if (model.Name.Length > SandboxModel.LongestName)
            {
                reader.Refuse("model", $"'model' must not be longer than {SandboxModel.LongestName} characters.");
            }

            if (reader.Error is { } error)
            {
                return (model, new SandboxReply.Refused(error));
            }

            return (model, model.Behaviour == SandboxBehaviour.Failing
                ? new SandboxReply.Refused(SandboxError.Asked(model.Number))
                : endpoint(reader, model, time));
        }
        catch (JsonException)
        {
            return (model, Refused("We could not parse the JSON body of your request."));
        }
        catch (InvalidOperationException)
        {
            // The document's structure is checked when it is parsed, but broken UTF-8 or half a surrogate in a string only when that string is read.
            return (model, Refused("The JSON body of your request holds text that is not valid Unicode."));
        }
    }

    private static SandboxReply.Refused Refused(string message) => new(SandboxError.Invalid(message));

    private static HttpResponseMessage Json(byte[] body) => new(HttpStatusCode.OK)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = SandboxJson.ContentType } },
    };

    private static HttpResponseMessage Streamed(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, string mediaType, CancellationToken aborted) => new(HttpStatusCode.OK)
    {
        Content = new StreamContent(new SandboxStream(pieces, aborted)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
    };
}
