using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>Notes wrong admin tokens: so many a minute, that whoever guesses cannot fill the audit log.</summary>
internal sealed class RefusedSignIns(Changes changes, TimeProvider time)
{
    public const int MostInMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _began;
    private int _noted;

    public async Task NoteAsync(AuditActor actor)
    {
        if (!IsDue())
        {
            return;
        }

        try
        {
            await changes.NoteAsync(actor, new("sign_in", null, "administration") { Result = AuditEntry.Refused });
        }
        catch (Exception)
        {
            // Whatever the database says, the answer is that the token is wrong.
        }
    }

    private bool IsDue()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_noted == 0 || time.GetElapsedTime(_began, now) >= Minute)
            {
                (_began, _noted) = (now, 0);
            }

            return ++_noted <= MostInMinute;
        }
    }
}
