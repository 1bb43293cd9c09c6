using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>Notes sign-ins that are refused: so few a minute of each way in, that whoever guesses cannot fill the audit log, nor hide one way by another.</summary>
internal sealed class FailedSignInLog(Changes changes, TimeProvider time)
{
    public const int MaxInMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>By the admin token.</summary>
    public const string Token = "administration";

    /// <summary>By the sign-in provider.</summary>
    public const string OpenId = "dashboard/openid";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Began, int Noted)> _ways = [];

    /// <param name="actor">Whoever it was.</param>
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
            // Whatever the database says, the answer is that nobody is signed in.
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
