using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Adds audit entries for refused sign-ins. Each way of signing in has its own limit of entries per minute, so that an attack on one way
/// neither fills the audit log nor prevents entries for other ways.
/// </summary>
internal sealed class FailedSignInLog(Changes changes, TimeProvider time)
{
    public const int MaxInMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Name of the sign-in with the admin token.</summary>
    public const string Token = "administration";

    /// <summary>Name of the sign-in with the OpenID Connect provider.</summary>
    public const string OpenId = "dashboard/openid";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Began, int Noted)> _methods = [];

    /// <param name="actor">The client that tried to sign in.</param>
    /// <param name="way"><see cref="Token"/> or <see cref="OpenId"/>.</param>
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
            // A database failure is ignored, because the sign-in is refused in any case.
        }
    }

    private bool IsDue(string way)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var (began, noted) = _methods.TryGetValue(way, out var known) && time.GetElapsedTime(known.Began, now) < Minute ? known : (now, 0);
            if (noted < MaxInMinute)
            {
                _methods[way] = (began, noted + 1);
            }

            return noted < MaxInMinute;
        }
    }
}
