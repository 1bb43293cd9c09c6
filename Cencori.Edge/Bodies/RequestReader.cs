using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Reads of a request what the edge must know, and no more: JSON whole, a form up to its model, anything else not at all.</summary>
public sealed class RequestReader(IOptions<LimitsOptions> options)
{
    // A client that leaves ends the read by itself. Cancelled as well, it now and then is still under way when Kestrel looks
    // for what is left of the body, and that becomes an error in the log.
    private static readonly CancellationToken UntilKestrelEndsIt = CancellationToken.None;

    private readonly long _maxBytes = options.Value.MaxRequestBodyBytes;

    /// <param name="context">Its body is consumed where it is read; see <see cref="RequestContent.Prepare"/>.</param>
    /// <param name="endpoint">What the request must have.</param>
    /// <param name="clock">Of the request: the caller's time is not the edge's.</param>
    /// <returns>To be disposed after the response; null when the request was refused.</returns>
    public async ValueTask<RequestContent?> ReadAsync(HttpContext context, EdgeEndpoint endpoint, RequestClock clock)
    {
        var request = context.Request;
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength > 0;
        var inQuery = request.QueryString.HasValue ? request.Query[QueryContent.ModelName] : StringValues.Empty;
        if (inQuery.Count > 1)
        {
            // Nobody knows which of them the provider would take.
            return await RefuseAsync(context, EdgeError.Invalid("The query names more than one model.", QueryContent.ModelName));
        }

        if (!canHaveBody)
        {
            return endpoint.NeedsModel
                ? await RefuseAsync(context, EdgeError.Invalid("The request body is empty."))
                : PassThrough(inQuery, mayRunAnyModel: false);
        }

        // Also where the body only passes through: Kestrel would find out while forwarding, after the limits were paid.
        if (request.ContentLength > _maxBytes)
        {
            return await RefuseAsync(context, TooLarge(context));
        }

        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        var isJson = IsJson(type);
        var isForm = IsForm(type) && !endpoint.StoresFiles;
        if ((isJson || isForm) && inQuery.Count > 0)
        {
            return await RefuseAsync(context, EdgeError.Invalid("Name the model in the body, not in the query.", QueryContent.ModelName));
        }

        if (isJson)
        {
            return request.Headers.ContentEncoding.Count > 0
                ? await RefuseAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must not be compressed."))
                : await ReadJsonAsync(context, endpoint, clock);
        }

        if (endpoint.NeedsJson)
        {
            return await RefuseAsync(context, new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json."));
        }

        return isForm ? await ReadFormAsync(context, clock) : PassThrough(inQuery, mayRunAnyModel: !endpoint.StoresFiles);
    }

    private static RequestContent PassThrough(StringValues inQuery, bool mayRunAnyModel) =>
        inQuery.Count > 0 ? new QueryContent(inQuery[0]!) { MayRunAnyModel = mayRunAnyModel } : RequestContent.PassThrough(mayRunAnyModel);

    private static bool IsJson(MediaTypeHeaderValue? type) =>
        type is not null && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Suffix.HasValue && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    private static bool IsForm(MediaTypeHeaderValue? type) => type?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    private static EdgeError? Missing(in RequestScan scan, EdgeEndpoint endpoint)
    {
        if (endpoint is { NeedsModel: true, HasModelInPath: false } && scan.Model is null)
        {
            return EdgeError.Invalid("The request names no model.", "model");
        }

        return endpoint.NeedsMessages && !scan.HasMessages ? EdgeError.Invalid("The request has no messages.", "messages") : null;
    }

    private static async ValueTask<RequestContent?> RefuseAsync(HttpContext context, EdgeError error)
    {
        await context.Refuse(error);
        return null;
    }

    // Once reading has begun, the bound is fixed.
    private static void LetKestrelRead(HttpContext context, long? maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = maxBytes;
        }
    }

    private async ValueTask<RequestContent?> ReadJsonAsync(HttpContext context, EdgeEndpoint endpoint, RequestClock clock)
    {
        var request = context.Request;

        // The reader's own bound is met first and answers; the rest is for what a client without a Content-Length still sends then.
        LetKestrelRead(context, 2 * _maxBytes);
        var body = await Read(clock, PooledBody.ReadAsync(request.Body, request.ContentLength, _maxBytes, UntilKestrelEndsIt));
        if (body is null)
        {
            return await RefuseAsync(context, TooLarge(context));
        }

        var error = RequestScanner.TryScan(body.Span, endpoint.Operation, out var scan, out var problem)
            ? Missing(scan, endpoint)
            : EdgeError.Invalid(problem.Message, problem.Param);
        if (error is null)
        {
            return new JsonContent(body, scan, endpoint) { MayRunAnyModel = (scan.Model is null || scan.NamesOtherModels || scan.HasRepeatedModel) && !endpoint.StoresFiles };
        }

        body.Dispose();
        return await RefuseAsync(context, error);
    }

    private async ValueTask<RequestContent?> ReadFormAsync(HttpContext context, RequestClock clock)
    {
        var request = context.Request;
        if (!MultipartBoundary.TryParse(request.ContentType, out var boundary, out var problem))
        {
            return await RefuseAsync(context, EdgeError.Invalid(problem.Message, problem.Param));
        }

        var read = await Read(clock, MultipartModelReader.ReadAsync(request.Body, boundary, _maxBytes, UntilKestrelEndsIt));
        if (read.Prefix is { } form)
        {
            return new FormContent(form) { MayRunAnyModel = form.Model is null };
        }

        return await RefuseAsync(context, read.Problem is { } wrong ? EdgeError.Invalid(wrong.Message, wrong.Param) : TooLarge(context));
    }

    private static async ValueTask<T> Read<T>(RequestClock clock, ValueTask<T> reading)
    {
        try
        {
            return await clock.Wait(reading);
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            // Kestrel's own reading of a chunk's size that is larger than any number it has.
            throw new BadHttpRequestException("A chunk of the request body is too large.", exception);
        }
    }

    private EdgeError TooLarge(HttpContext context)
    {
        // Whatever is still on its way would have to be read and thrown away before the connection could serve again.
        context.Response.Headers.Connection = "close";

        // A client that is still sending reads no answer when the connection is reset under it, and would repeat. Kestrel reads on for
        // a few seconds before it closes, unless its own bound stops it; who asked with Expect sends nothing.
        if (context.Request.Headers.Expect.Count == 0)
        {
            LetKestrelRead(context, null);
        }

        return new EdgeError(ErrorKind.RequestTooLarge, $"The request body is larger than {_maxBytes} bytes.");
    }
}
