using Cencori.Edge.Dialects;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Changes the headers of a provider's error response before it passes to the caller.</summary>
internal static class RefusalHeaders
{
    /// <summary>Sets the headers of an error response that is rewritten for a native endpoint. For a success, only removes those that no longer match.</summary>
    public static void PrepareNative(HttpResponse response, int status)
    {
        // The body is rewritten, so its length and ETag no longer match.
        response.ContentLength = null;
        response.Headers.ETag = default;
        if (status < 400)
        {
            return;
        }

        response.ContentType = ErrorWriter.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentLanguage = default;
        if (NativeResponse.KindOf(status).IsFinal)
        {
            response.Headers[ErrorWriter.ShouldRetry] = "false";
        }
    }

    /// <summary>Masks the credential in the headers, and names the provider as the one that refused the request.</summary>
    /// <returns>The mask for the body. Null: there is no secret to mask.</returns>
    public static CredentialMask? Mask(HttpResponse response, int status, Attempt attempt)
    {
        // Drops the provider's reason phrase: it has no meaning to a client, and could repeat the credential.
        response.HttpContext.Features.Get<IHttpResponseFeature>()?.ReasonPhrase = null;
        var mask = CredentialMask.Of(attempt.Credential?.Secret);
        if (mask is not null)
        {
            if (attempt.ProviderRequestId is { } id && mask.Apply(id) != id)
            {
                attempt.ProviderRequestId = null;
            }

            foreach (var (name, values) in response.Headers.ToArray())
            {
                var masked = Array.ConvertAll(values.ToArray(), value => mask.Apply(value ?? ""));
                if (!values.SequenceEqual(masked))
                {
                    response.Headers[name] = masked;
                }
            }
        }

        if (status is StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests)
        {
            response.Headers[status == StatusCodes.Status403Forbidden ? "X-Cencori-Refused-By" : "X-Cencori-Limited-By"] = "provider";
        }

        return mask;
    }
}
