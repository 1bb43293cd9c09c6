using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Reads documents that the edge handles itself and does not forward.</summary>
public sealed partial class RequestReader
{
    /// <summary>Reads a whole document that the edge itself handles.</summary>
    /// <param name="context">The request. Its body is consumed.</param>
    /// <param name="endpoint">The endpoint of the request.</param>
    /// <param name="caller">Its key determines the limit of buffered bytes.</param>
    /// <param name="clock">The clock of the request.</param>
    /// <param name="isJson">True: the body must be <c>application/json</c>. False: any type is accepted.</param>
    /// <returns>The body, which the caller disposes. Null when the request was refused.</returns>
    public async ValueTask<PooledBody?> ReadDocumentAsync(HttpContext context, EdgeEndpoint endpoint, Caller caller, RequestClock clock, bool isJson = true)
    {
        var request = context.Request;
        var reading = new Reading(context, endpoint, clock, MaxBytesFor(caller), shares.Of(caller), NotedFields.None, BringsModel: true);
        if (request.ContentLength > reading.MaxBytes)
        {
            return await RefuseDocumentAsync(context, TooLarge(reading));
        }

        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        if (isJson && !BodyType.IsJson(type))
        {
            return await RefuseDocumentAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json."));
        }

        if (!EncodedBody.TryParse(request.Headers.ContentEncoding, out var encodings))
        {
            context.Response.Headers.AcceptEncoding = EncodedBody.Supported;
            return await RefuseDocumentAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, $"The request body may use the encodings {EncodedBody.Supported} and identity, at most three at once."));
        }

        request.Body = new CallerStream(request.BodyReader, _limits.RequestBodyTimeout, clock.Time);
        SetMaxRequestBodySize(context, 2 * reading.MaxBytes);
        try
        {
            var body = await ReadWholeAsync(reading);
            if (body is not null && encodings.Length > 0)
            {
                body = await EncodedBody.DecodeAsync(body, encodings, reading.MaxBytes, reading.Share, context.RequestAborted);
            }

            return body ?? await RefuseDocumentAsync(context, TooLarge(reading));
        }
        catch (InvalidDataException)
        {
            return await RefuseDocumentAsync(context, EdgeError.Invalid("The request body is not encoded as its Content-Encoding says."));
        }
        catch (OverloadedException exception)
        {
            return await RefuseDocumentAsync(context, StopSending(context, new EdgeError(ErrorKind.Overloaded, exception.Message) { RetryAfter = TimeSpan.FromSeconds(1) }));
        }
    }

    private static async ValueTask<PooledBody?> RefuseDocumentAsync(HttpContext context, EdgeError error)
    {
        await context.Refuse(error);
        return null;
    }

    private long MaxBytesFor(Caller caller) =>
        caller.Key.Type == KeyType.Publishable ? Math.Min(_limits.MaxPublishableBodyBytes, _limits.MaxRequestBodyBytes) : _limits.MaxRequestBodyBytes;
}
