/*
|--------------------------------------------------------------------------
| Environment of the tests
|--------------------------------------------------------------------------
|
| A database and a folder of their own, whatever `.env` says. The connection
| can be given from outside, to run the same suites on MySQL or MariaDB.
|
*/
process.env.NODE_ENV = 'test'
process.env.TZ = 'UTC'
process.env.APP_KEY = 'only-for-tests-0123456789abcdef'
process.env.HOST = '127.0.0.1'
process.env.PORT ??= '3399'
process.env.APP_URL = `http://127.0.0.1:${process.env.PORT}`
process.env.LOG_LEVEL = 'fatal'
process.env.DB_CONNECTION = process.env.TEST_DB_CONNECTION ?? 'sqlite'
process.env.SQLITE_FILE = `tmp/test-${process.pid}/database.sqlite`
process.env.STORAGE_PATH = `tmp/test-${process.pid}/media`
