using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129001518_CallersAndMinutes")]
    public class CallersAndMinutes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "FirstBytes",
                table: "usage_rollups",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.CreateTable(
                name: "alert_deliveries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    KeyId = table.Column<string>(type: "text", nullable: false),
                    Month = table.Column<string>(type: "text", nullable: false),
                    Threshold = table.Column<int>(type: "integer", nullable: false),
                    SpendUsd = table.Column<decimal>(type: "numeric", nullable: false),
                    BudgetUsd = table.Column<decimal>(type: "numeric", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    Status = table.Column<int>(type: "integer", nullable: true),
                    Fault = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alert_deliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_alert_deliveries_projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "caller_rollups",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<short>(type: "smallint", nullable: false),
                    WriterId = table.Column<long>(type: "bigint", nullable: false),
                    Hour = table.Column<long>(type: "bigint", nullable: false),
                    Kind = table.Column<string>(type: "text", nullable: false),
                    CallerId = table.Column<string>(type: "text", nullable: false),
                    Requests = table.Column<long>(type: "bigint", nullable: false),
                    Success = table.Column<long>(type: "bigint", nullable: false),
                    Errors = table.Column<long>(type: "bigint", nullable: false),
                    Filtered = table.Column<long>(type: "bigint", nullable: false),
                    RateLimited = table.Column<long>(type: "bigint", nullable: false),
                    Cancelled = table.Column<long>(type: "bigint", nullable: false),
                    PromptTokens = table.Column<long>(type: "bigint", nullable: false),
                    CachedTokens = table.Column<long>(type: "bigint", nullable: false),
                    CompletionTokens = table.Column<long>(type: "bigint", nullable: false),
                    Picodollars = table.Column<long>(type: "bigint", nullable: false),
                    Unpriced = table.Column<long>(type: "bigint", nullable: false),
                    LatencyMicroseconds = table.Column<long>(type: "bigint", nullable: false),
                    Latencies = table.Column<byte[]>(type: "bytea", nullable: false),
                    FirstBytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_caller_rollups", x => new { x.ProjectId, x.Environment, x.Hour, x.Kind, x.CallerId, x.WriterId });
                });

            migrationBuilder.CreateTable(
                name: "usage_minutes",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<short>(type: "smallint", nullable: false),
                    WriterId = table.Column<long>(type: "bigint", nullable: false),
                    Minute = table.Column<long>(type: "bigint", nullable: false),
                    Provider = table.Column<string>(type: "text", nullable: false),
                    Model = table.Column<string>(type: "text", nullable: false),
                    Part = table.Column<long>(type: "bigint", nullable: false),
                    Requests = table.Column<long>(type: "bigint", nullable: false),
                    Success = table.Column<long>(type: "bigint", nullable: false),
                    Errors = table.Column<long>(type: "bigint", nullable: false),
                    Filtered = table.Column<long>(type: "bigint", nullable: false),
                    RateLimited = table.Column<long>(type: "bigint", nullable: false),
                    Cancelled = table.Column<long>(type: "bigint", nullable: false),
                    PromptTokens = table.Column<long>(type: "bigint", nullable: false),
                    CachedTokens = table.Column<long>(type: "bigint", nullable: false),
                    CompletionTokens = table.Column<long>(type: "bigint", nullable: false),
                    Picodollars = table.Column<long>(type: "bigint", nullable: false),
                    Unpriced = table.Column<long>(type: "bigint", nullable: false),
                    LatencyMicroseconds = table.Column<long>(type: "bigint", nullable: false),
                    Latencies = table.Column<byte[]>(type: "bytea", nullable: false),
                    FirstBytes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_minutes", x => new { x.ProjectId, x.Environment, x.Minute, x.Provider, x.Model, x.WriterId, x.Part });
                });

            migrationBuilder.CreateIndex(
                name: "IX_alert_deliveries_ProjectId_Id",
                table: "alert_deliveries",
                columns: new[] { "ProjectId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_caller_rollups_Hour_WriterId",
                table: "caller_rollups",
                columns: new[] { "Hour", "WriterId" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_minutes_Minute",
                table: "usage_minutes",
                column: "Minute");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "alert_deliveries");

            migrationBuilder.DropTable(
                name: "caller_rollups");

            migrationBuilder.DropTable(
                name: "usage_minutes");

            migrationBuilder.DropColumn(
                name: "FirstBytes",
                table: "usage_rollups");
        }
    }
}
