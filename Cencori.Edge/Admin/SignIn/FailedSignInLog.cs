using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>Adds audit entries for refused sign-ins, limited per minute and way of sign-in: guesses can neither fill the audit log nor hide another way.</summary>
internal sealed class FailedSignInLog(Changes changes, TimeProvider time)
{
    public const int MaxInMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Sign-in with the admin token.</summary>
    public const string Token = "administration";

    /// <summary>Sign-in with the OpenID Connect provider.</summary>
    public const string OpenId = "dashboard/openid";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Began, int Noted)> _ways = [];

    /// <param name="actor">Who tried to sign in.</param>
    /// <param name="way">One of the constants.</param>
    public async Task NoteAsync(AuditActor actor, string way)
    {
        if (!IsDue(way))
        {
            return;
        }

        try
        {
            await changes.NoteAsync(actor, new("sign_in", null, way) { Result = AuditEntry.Refused });
        }
        catch (Exception)
        {
            // A database failure does not change the result: the sign-in is refused.
        }
    }

    private bool IsDue(string way)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var (began, noted) = _ways.TryGetValue(way, out var known) && time.GetElapsedTime(known.Began, now) < Minute ? known : (now, 0);
            if (noted < MaxInMinute)
            {
                _ways[way] = (began, noted + 1);
            }

            return noted < MaxInMinute;
        }
    }
}
