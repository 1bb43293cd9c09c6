using Cencori.Edge.Admin.People;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Sign-ins leave a bounded number of rows in the database, however many people sign in and however often.</summary>
public sealed class BoundedPeopleTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task People_without_access_are_stored_up_to_a_limit_and_for_a_limited_time(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();
        var now = Some.Now;
        await edge.ReadAsync(async database =>
        {
            database.Users.AddRange(Enumerable.Range(1, MemberSignIn.MaxWithoutAccess + 5).Select(number => User($"usr_{number}", now.AddMinutes(-number), role: null)));
            database.Users.Add(User("usr_old", now.AddDays(-100), role: null));
            database.Users.Add(User("usr_member", now.AddDays(-100), UserRole.Member));
            database.Users.Add(User("usr_known", now.AddDays(-100), role: null));
            database.Memberships.Add(new MembershipRecord { UserId = "usr_known", ProjectId = project });
            return await database.SaveChangesAsync();
        });

        Assert.Null(await edge.Services.GetRequiredService<MemberSignIn>().AdmitAsync(new Person("https://issuer.example", "new"), "203.0.113.1"));
        var left = await edge.ReadAsync(database => database.Users.Select(user => user.Id).ToListAsync());
        Assert.Equal(MemberSignIn.MaxWithoutAccess + 2, left.Count);
        Assert.Contains("usr_member", left);
        Assert.Contains("usr_known", left);
        Assert.Contains("usr_1", left);
        Assert.DoesNotContain("usr_old", left);
        Assert.DoesNotContain($"usr_{MemberSignIn.MaxWithoutAccess + 5}", left);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Beyond_the_limit_a_person_keeps_the_most_recently_used_sessions(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var now = Some.Now;
        await edge.ReadAsync(async database =>
        {
            database.Users.AddRange(User("usr_1", now, UserRole.Member), User("usr_2", now, UserRole.Member));
            database.Sessions.AddRange(Enumerable.Range(0, SessionStore.MaxOfUser + 10).Select(number => new SessionRecord { Id = $"s{number}", UserId = "usr_1", CreatedAt = now.AddHours(-1), SeenAt = now.AddMinutes(-1 - number) }));
            database.Sessions.Add(new SessionRecord { Id = "other", UserId = "usr_2", CreatedAt = now.AddHours(-9), SeenAt = now.AddHours(-9) });
            return await database.SaveChangesAsync();
        });

        await edge.Services.GetRequiredService<SessionStore>().BeginAsync(new DefaultHttpContext { RequestServices = edge.Services }, "usr_1");
        var left = await edge.ReadAsync(database => database.Sessions.Where(session => session.UserId == "usr_1").Select(session => session.Id).ToListAsync());
        Assert.Equal(SessionStore.MaxOfUser, left.Count);
        Assert.Contains($"s{SessionStore.MaxOfUser - 2}", left);
        Assert.DoesNotContain($"s{SessionStore.MaxOfUser - 1}", left);
        Assert.True(await edge.ReadAsync(database => database.Sessions.AnyAsync(session => session.Id == "other")));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Long_texts_are_cut_between_characters(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await edge.Services.GetRequiredService<MemberSignIn>().AdmitAsync(new Person("https://issuer.example", "long") { Name = new string('x', 255) + "😀" }, "203.0.113.1");
        Assert.Equal(new string('x', 255), await edge.ReadAsync(database => database.Users.Where(user => user.Subject == "long").Select(user => user.Name).SingleAsync()));

        var context = new DefaultHttpContext { RequestServices = edge.Services };
        context.Request.Headers.UserAgent = new string('x', 199) + "😀";
        await edge.Services.GetRequiredService<SessionStore>().BeginAsync(context, userId: null);
        Assert.Equal(new string('x', 199), await edge.ReadAsync(database => database.Sessions.Select(session => session.UserAgent).SingleAsync()));
    }

    private static UserRecord User(string id, DateTimeOffset signedInAt, UserRole? role) =>
        new() { Id = id, Issuer = "https://issuer.example", Subject = id, Role = role, CreatedAt = signedInAt, SignedInAt = signedInAt };
}
