using System.Globalization;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>Maps limits to form fields and back. Fields have the administration API's names.</summary>
internal static class LimitForm
{
    private const string Requests = "requests_per_minute";
    private const string Burst = "burst";
    private const string Tokens = "tokens_per_minute";
    private const string AtOnce = "concurrent_requests";

    public static FormState Of(RateLimits limits)
    {
        var values = new Dictionary<string, string?> { [Burst] = limits.Burst == limits.RequestsPerMinute ? null : Text(limits.Burst) };
        foreach (var (name, limit) in new[] { (Requests, limits.RequestsPerMinute), (Tokens, limits.TokensPerMinute), (AtOnce, limits.ConcurrentRequests) })
        {
            values[name] = Text(limit);
            values[FormNumbers.NoneOf(name)] = limit is null ? "true" : null;
        }

        return new(values);
    }

    public static RateLimitsReplacement Read(IFormCollection form)
    {
        var requests = FormNumbers.ReadIntegerOrNone(form, Requests);
        return new()
        {
            RequestsPerMinute = requests,

            // A burst has no meaning without a request limit. The burst field may still contain an old value, which is ignored.
            Burst = requests is null ? null : FormNumbers.ReadInteger(form, Burst),
            TokensPerMinute = FormNumbers.ReadIntegerOrNone(form, Tokens),
            ConcurrentRequests = FormNumbers.ReadIntegerOrNone(form, AtOnce),
        };
    }

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
