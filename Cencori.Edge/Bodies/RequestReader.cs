using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Reads only the parts of a request that the edge needs: a JSON body whole, a form up to its model, other bodies not at all. An encoded body
/// is always read and decoded whole.</summary>
public sealed partial class RequestReader(IOptions<LimitsOptions> options, BufferShares shares)
{
    private const string NoModel = "The request names no model, and its project has no default model. Send 'model', or set one with PATCH /api/projects/{id} {\"default_model\":\"…\"}.";

    // If the client disconnects, Kestrel ends the read.
    private static readonly CancellationToken EndedByKestrel = CancellationToken.None;

    private readonly LimitsOptions _limits = options.Value;

    /// <param name="context">The request. Its body is consumed if it is read; see <see cref="RequestContent.Prepare"/>.</param>
    /// <param name="endpoint">Determines what the request must contain.</param>
    /// <param name="caller">Its key determines the limit of buffered bytes.</param>
    /// <param name="clock">The clock of the request: time spent waiting for the caller does not count as time of the edge.</param>
    /// <param name="fieldsToNote">Facts that the scan of the body collects for later steps.</param>
    /// <param name="bringsModel">True: the body may omit the model, because a later step sets it.</param>
    /// <returns>The content, to be disposed after the response. Null when the request was refused.</returns>
    public async ValueTask<RequestContent?> ReadAsync(HttpContext context, EdgeEndpoint endpoint, Caller caller, RequestClock clock, NotedFields fieldsToNote = NotedFields.None, bool bringsModel = false)
    {
        var request = context.Request;
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength > 0;
        var inQuery = request.QueryString.HasValue ? request.Query[QueryContent.ModelName] : StringValues.Empty;
        if (inQuery.Count > 1)
        {
            // Providers differ in which of several models in the query they would use.
            return await RefuseAsync(context, EdgeError.Invalid("The query names more than one model.", QueryContent.ModelName));
        }

        if (!canHaveBody)
        {
            return endpoint.NeedsModel
                ? await RefuseAsync(context, EdgeError.Invalid("The request body is empty."))
                : PassThrough(inQuery, mayRunAnyModel: false);
        }

        var reading = new Reading(context, endpoint, clock, MaxBytesFor(caller), shares.Of(caller), fieldsToNote, bringsModel);

        // Checks the length also when the body only streams through. Otherwise Kestrel detects it while forwarding, after the rate limits were charged.
        if (request.ContentLength > reading.MaxBytes)
        {
            return await RefuseAsync(context, TooLarge(reading));
        }

        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        var isJson = BodyType.IsJson(type);
        var isForm = BodyType.IsForm(type) && !endpoint.StoresFiles;
        if ((isJson || isForm) && inQuery.Count > 0)
        {
            return await RefuseAsync(context, EdgeError.Invalid("Name the model in the body, not in the query.", QueryContent.ModelName));
        }

        if (endpoint.NeedsJson && !isJson)
        {
            return await RefuseAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json."));
        }

        if (!EncodedBody.TryParse(request.Headers.ContentEncoding, out var encodings))
        {
            context.Response.Headers.AcceptEncoding = EncodedBody.Supported;
            return await RefuseAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, $"The request body may use the encodings {EncodedBody.Supported} and identity, at most three at once."));
        }

        request.Body = new CallerStream(request.BodyReader, _limits.RequestBodyTimeout, clock.Time);
        try
        {
            if (encodings.Length > 0)
            {
                return await ReadEncodedAsync(reading, encodings, isJson, isForm, inQuery);
            }

            return isJson ? await ReadJsonAsync(reading)
                : isForm ? await ReadFormAsync(reading)
                : PassThrough(inQuery, mayRunAnyModel: !endpoint.StoresFiles);
        }
        catch (OverloadedException exception)
        {
            return await RefuseAsync(context, StopSending(context, new EdgeError(ErrorKind.Overloaded, exception.Message) { RetryAfter = TimeSpan.FromSeconds(1) }));
        }
    }

    private static RequestContent PassThrough(StringValues inQuery, bool mayRunAnyModel) =>
        inQuery.Count > 0 ? new QueryContent(inQuery[0]!) { MayRunAnyModel = mayRunAnyModel } : RequestContent.PassThrough(mayRunAnyModel);

    private static EdgeError? Missing(in RequestScan scan, EdgeEndpoint endpoint, bool bringsModel)
    {
        if (!bringsModel && endpoint is { NeedsModel: true, HasModelInPath: false } && scan.Model is null)
        {
            return EdgeError.Invalid(endpoint.IsNative ? NoModel : "The request names no model.", "model");
        }

        return endpoint.NeedsMessages && !scan.HasMessages ? EdgeError.Invalid("The request has no messages.", "messages") : null;
    }

    private static async ValueTask<RequestContent?> RefuseAsync(HttpContext context, EdgeError error)
    {
        await context.Refuse(error);
        return null;
    }

    // Sets Kestrel's limit. Kestrel does not allow this after reading has begun.
    private static void SetMaxRequestBodySize(HttpContext context, long? maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = maxBytes;
        }
    }

    private static async ValueTask<RequestContent?> ReadJsonAsync(Reading reading)
    {
        // Kestrel's limit is twice the edge's, so that the edge's own error is sent. The extra room lets a client without a Content-Length finish sending.
        SetMaxRequestBodySize(reading.Context, 2 * reading.MaxBytes);
        return await ReadWholeAsync(reading) is { } body ? await ScanAsync(reading, body) : await RefuseAsync(reading.Context, TooLarge(reading));
    }

    private static async ValueTask<PooledBody?> ReadWholeAsync(Reading reading)
    {
        var request = reading.Context.Request;
        return await Read(reading.Clock, PooledBody.ReadAsync(request.Body, request.ContentLength, reading.MaxBytes, EndedByKestrel, reading.Share));
    }

    private static async ValueTask<RequestContent?> ScanAsync(Reading reading, PooledBody body)
    {
        var endpoint = reading.Endpoint;
        JsonContent? content = null;
        try
        {
            var error = RequestScanner.TryScan(body.Span, endpoint.Operation, reading.FieldsToNote, out var scan, out var problem) ? Missing(scan, endpoint, reading.BringsModel) : EdgeError.Invalid(problem.Message, problem.Param);
            return error is null
                ? content = new JsonContent(body, scan, endpoint) { MayRunAnyModel = (scan.Model is null || scan.NamesOtherModels || scan.HasRepeatedModel) && !endpoint.StoresFiles }
                : await RefuseAsync(reading.Context, error);
        }
        finally
        {
            // After a failure, nothing else disposes the body, and its bytes would count in the buffer share for ever.
            if (content is null)
            {
                body.Dispose();
            }
        }
    }

    private static async ValueTask<RequestContent?> ReadEncodedAsync(Reading reading, string[] encodings, bool isJson, bool isForm, StringValues inQuery)
    {
        var (context, request) = (reading.Context, reading.Context.Request);
        SetMaxRequestBodySize(context, 2 * reading.MaxBytes);
        if (await ReadWholeAsync(reading) is not { } encoded)
        {
            return await RefuseAsync(context, TooLarge(reading));
        }

        PooledBody? body;
        try
        {
            body = await EncodedBody.DecodeAsync(encoded, encodings, reading.MaxBytes, reading.Share, context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return await RefuseAsync(context, EdgeError.Invalid("The request body is not encoded as its Content-Encoding says."));
        }

        if (body is null)
        {
            return await RefuseAsync(context, TooLarge(reading));
        }

        // For later code, the request looks as if it had arrived unencoded.
        request.Headers.ContentEncoding = default;
        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        if (isJson)
        {
            return await ScanAsync(reading, body);
        }

        context.Response.RegisterForDispose(body);
        request.Body = new PooledBodyStream(body, [], Stream.Null);
        return isForm ? await ReadFormAsync(reading) : PassThrough(inQuery, mayRunAnyModel: !reading.Endpoint.StoresFiles);
    }

    private static async ValueTask<RequestContent?> ReadFormAsync(Reading reading)
    {
        var (context, request) = (reading.Context, reading.Context.Request);
        if (!MultipartBoundary.TryParse(request.ContentType, out var boundary, out var problem))
        {
            return await RefuseAsync(context, EdgeError.Invalid(problem.Message, problem.Param));
        }

        var read = await Read(reading.Clock, MultipartModelReader.ReadAsync(request.Body, boundary, reading.MaxBytes, EndedByKestrel, reading.Share, readsWholeForm: reading.FieldsToNote.HasFlag(NotedFields.WholeForm)));
        if (read.Prefix is { } form)
        {
            return new FormContent(form) { MayRunAnyModel = form.Model is null };
        }

        return await RefuseAsync(context, read.Problem is { } wrong ? EdgeError.Invalid(wrong.Message, wrong.Param) : TooLarge(reading));
    }

    private static async ValueTask<T> Read<T>(RequestClock clock, ValueTask<T> reading)
    {
        try
        {
            return await clock.MeasureReadAsync(reading);
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            // Kestrel's chunk parser overflows when a chunk size is larger than its integer type.
            throw new BadHttpRequestException("A chunk of the request body is too large.", exception);
        }
    }

    private static EdgeError TooLarge(Reading reading) =>
        StopSending(reading.Context, new EdgeError(ErrorKind.RequestTooLarge, $"The request body is larger than {reading.MaxBytes} bytes."));

    private static EdgeError StopSending(HttpContext context, EdgeError error)
    {
        // Closes HTTP/1 connections. Otherwise the rest of the body must be read and discarded before the next request. HTTP/2 only resets the stream.
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        // If the connection is reset while a client is still sending, the client never reads the response, and retries. Without a size limit, Kestrel reads and
        // discards the body for a few seconds before it closes the connection. A client that sent Expect: 100-continue has not sent the body.
        if (context.Request.Headers.Expect.Count == 0)
        {
            SetMaxRequestBodySize(context, null);
        }

        return error;
    }

    private readonly record struct Reading(HttpContext Context, EdgeEndpoint Endpoint, RequestClock Clock, long MaxBytes, BufferShare Share, NotedFields FieldsToNote, bool BringsModel);
}
